package blob

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// maxListed is the most that one answer lists, and the default.
const maxListed = 5000

// limits reads maxresults.
func (q *request) limits() (int, *wire.Error) {
	n, failed := q.number(maxResultsParam, maxListed)
	if failed == nil && n < 1 {
		failed = wire.Refuse(http.StatusBadRequest, "OutOfRangeQueryParameterValue",
			"One of the query parameters specified in the request URI is outside the permissible range: maxresults.")
	}
	return int(min(n, maxListed)), failed
}

// include reads what is to be listed beside the names; unknown words are 400.
func (q *request) include(known ...string) (map[string]bool, *wire.Error) {
	if !q.has(includeParam) {
		return nil, nil
	}
	words := map[string]bool{}
	for word := range strings.SplitSeq(q.get(includeParam), ",") {
		if !slices.Contains(known, word) {
			return nil, invalidQuery("include", "has "+strconv.Quote(word))
		}
		words[word] = true
	}
	return words, nil
}

// echo writes the parameters of a listing, those that were sent.
func (d *document) echo(q *request, names ...string) {
	for _, name := range names {
		f := params[strings.ToLower(name)]
		if q.seen.has(f) {
			d.Text(name, q.get(f))
		}
	}
}

// listContainers is List Containers:
// https://learn.microsoft.com/rest/api/storageservices/list-containers2
func (s *Service) listContainers(q *request) *wire.Error {
	limit, failed := q.limits()
	if failed != nil {
		return failed
	}
	include, failed := q.include("metadata", "deleted", "system")
	if failed != nil {
		return failed
	}
	var d document
	d.results(q, "")
	d.echo(q, "Prefix", "Marker", "MaxResults")
	next := ""
	d.Open("Containers")
	for _, name := range sortedFrom(s.containers, q.get(prefixParam), q.get(markerParam)) {
		if limit == 0 {
			next = name
			break
		}
		limit--
		c := s.containers[name]
		d.Open("Container")
		d.Text("Name", name)
		d.Open("Properties")
		d.Text("Last-Modified", q.stamp(c.modified))
		d.Text("Etag", c.etag)
		d.lease(q, &c.lease)
		d.nonempty("PublicAccess", c.access)
		d.Text("HasImmutabilityPolicy", "false")
		d.Text("HasLegalHold", "false")
		d.Close("Properties")
		if include["metadata"] {
			d.metadata(c.metadata)
		}
		d.Close("Container")
	}
	d.Close("Containers")
	d.Text("NextMarker", next)
	d.Close("EnumerationResults")
	return q.send(&d)
}

// sortedFrom is the keys of m that begin with prefix, in order, from the first that is
// not before start.
func sortedFrom[V any](m map[string]V, prefix, start string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		if strings.HasPrefix(name, prefix) && name >= start {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// lease writes the state of a lease.
func (d *document) lease(q *request, l *lease) {
	status := "unlocked"
	if l.locked(q.now) {
		status = "locked"
	}
	d.Text("LeaseStatus", status)
	d.Text("LeaseState", string(l.state(q.now)))
	if l.state(q.now) == leased {
		d.Text("LeaseDuration", l.kind())
	}
}

// listBlobs is List Blobs: https://learn.microsoft.com/rest/api/storageservices/list-blobs
//
// A marker is the name that the next answer begins with.
func (s *Service) listBlobs(q *request) *wire.Error {
	c, failed := s.open(q)
	if failed != nil {
		return failed
	}
	limit, failed := q.limits()
	if failed != nil {
		return failed
	}
	// No blob of this service is deleted softly, has versions or is immutable, so that
	// there is nothing to be listed of those.
	include, failed := q.include("snapshots", "metadata", "uncommittedblobs", "copy", "deleted", "tags",
		"versions", "deletedwithversions", "immutabilitypolicy", "legalhold")
	if failed != nil {
		return failed
	}
	delimiter := q.get(delimiterParam)
	if delimiter != "" && include["snapshots"] {
		return invalidQuery("include", "has snapshots beside a delimiter")
	}
	l := listing{q: q, include: include, limit: limit}
	l.results(q, q.container)
	l.echo(q, "Prefix", "Marker", "MaxResults", "Delimiter")
	l.Open("Blobs")
	prefix, group, end := q.get(prefixParam), "", q.get(endBefore)
	for _, name := range sortedFrom(c.entries, prefix, max(q.get(markerParam), q.get(startFromParam))) {
		if end != "" && name >= end {
			break
		}
		if group != "" && strings.HasPrefix(name, group) {
			continue
		}
		items := l.items(c.entries[name])
		if len(items) == 0 {
			continue
		}
		if l.limit <= 0 {
			l.next = name
			break
		}
		if at := strings.Index(name[len(prefix):], delimiter); delimiter != "" && at >= 0 {
			group = name[:len(prefix)+at+len(delimiter)]
			l.Open("BlobPrefix")
			l.name(group)
			l.Close("BlobPrefix")
			l.limit--
			continue
		}
		for _, o := range items {
			l.blob(name, o)
			l.limit--
		}
	}
	l.Close("Blobs")
	l.Text("NextMarker", l.next)
	l.Close("EnumerationResults")
	return q.send(&l.document)
}

// listing is a list of blobs that is being written.
type listing struct {
	document
	q       *request
	include map[string]bool
	limit   int
	next    string
}

// items is what is to be listed of e, snapshots first. A name may exceed the limit by its
// snapshots, so that none is lost between two answers.
func (l *listing) items(e *entry) []*object {
	var items []*object
	if l.include["snapshots"] {
		items = append(items, e.snapshots...)
	}
	switch {
	case e.base != nil:
		items = append(items, e.base)
	case l.include["uncommittedblobs"]:
		items = append(items, &object{kind: blockBlob})
	}
	return items
}

// blob writes one blob or snapshot.
func (l *listing) blob(name string, o *object) {
	l.Open("Blob")
	l.name(name)
	l.nonempty("Snapshot", o.snapshot)
	l.Open("Properties")
	l.nonempty("Creation-Time", l.time(o.created))
	l.nonempty("Last-Modified", l.time(o.modified))
	l.nonempty("Etag", unquote(o.etag))
	l.Text("Content-Length", strconv.FormatInt(o.length(), 10))
	l.Text("Content-Type", firstOf(o.props.contentType, "application/octet-stream"))
	l.Text("Content-Encoding", o.props.encoding)
	l.Text("Content-Language", o.props.language)
	l.Text("Content-MD5", base64MD5(o.props.md5))
	l.Text("Cache-Control", o.props.cacheControl)
	l.Text("Content-Disposition", o.props.disposition)
	if o.kind == pageBlob {
		l.Text("x-ms-blob-sequence-number", strconv.FormatInt(o.sequence, 10))
	}
	l.Text("BlobType", o.kind)
	if o.tier != "" {
		l.Text("AccessTier", o.tier)
		l.Text("AccessTierChangeTime", l.time(o.tierChanged))
	} else if o.kind == blockBlob {
		l.Text("AccessTier", "Hot")
		l.Text("AccessTierInferred", "true")
	}
	if o.snapshot == "" && o.etag != "" {
		l.lease(l.q, &o.lease)
	}
	if o.copied != nil && l.include["copy"] {
		l.Text("CopyId", o.copied.id)
		l.Text("CopySource", o.copied.source)
		l.Text("CopyStatus", "success")
		l.Text("CopyProgress", o.copied.progress())
		l.Text("CopyCompletionTime", l.time(o.copied.completed))
	}
	if o.sealed {
		l.Text("Sealed", "true")
	}
	if o.etag != "" {
		l.Text("ServerEncrypted", "true")
	}
	if len(o.tags) > 0 {
		l.Text("TagCount", strconv.Itoa(len(o.tags)))
	}
	l.Close("Properties")
	if l.include["metadata"] {
		l.metadata(o.metadata)
	}
	if l.include["tags"] && len(o.tags) > 0 {
		l.tags(o.tags)
	}
	l.Close("Blob")
}

// time is t as listings say it, "" for none.
func (l *listing) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.q.stamp(t)
}

// tags writes the tags of a blob.
func (d *document) tags(tags []pair) {
	d.Open("Tags").Open("TagSet")
	for _, t := range tags {
		d.Open("Tag")
		d.Text("Key", t.name)
		d.Text("Value", t.value)
		d.Close("Tag")
	}
	d.Close("TagSet").Close("Tags")
}
