package blob

import (
	"crypto/md5"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// putBlob is Put Blob, and with a source Put Blob From URL or Copy Blob:
// https://learn.microsoft.com/rest/api/storageservices/put-blob
func (s *Service) putBlob(q *request) *wire.Error {
	if q.has(copySource) {
		if q.has(blobType) {
			return s.putFromURL(q)
		}
		return s.copyBlob(q)
	}
	if f, more := q.seen.firstIn(sourceFields.with(copyFields)); more {
		return needsSource(f)
	}
	o := &object{kind: q.get(blobType)}
	switch o.kind {
	case blockBlob:
		o.content = q.body
	case appendBlob, pageBlob:
		if len(q.body) > 0 {
			return invalidHeader(contentLength, "must be 0 for a blob of this type")
		}
	case "":
		return missingHeader(blobType)
	default:
		return invalidHeader(blobType, "is none of BlockBlob, AppendBlob and PageBlob")
	}
	if failed := q.putParts(o); failed != nil {
		return failed
	}
	if o.kind == blockBlob {
		if q.has(blobMD5) {
			if failed := checkMD5(o.content, blobMD5, q.get(blobMD5)); failed != nil {
				return failed
			}
		}
		sum := md5.Sum(o.content)
		o.props.md5 = sum[:]
	}
	if failed := s.replace(q, o); failed != nil {
		return failed
	}
	q.tag(o.stampedAs)
	q.setNonempty("Content-Md5", base64MD5(o.props.md5))
	q.encrypted()
	return q.done(http.StatusCreated)
}

// putParts reads into o what Put Blob says beside the content.
func (q *request) putParts(o *object) (failed *wire.Error) {
	if o.kind == pageBlob {
		if failed = o.layPages(q); failed != nil {
			return failed
		}
	} else if q.has(blobLength) || q.has(sequenceNumber) {
		return invalidHeader(blobType, "is not PageBlob, which alone has a length and a sequence number")
	}
	if o.props, failed = q.properties(true); failed != nil {
		return failed
	}
	o.metadata = slices.Clone(q.metadata)
	if o.tags, failed = q.tagsOfHeader(); failed != nil {
		return failed
	}
	o.tier, failed = q.tier(o.kind)
	o.tierChanged = q.now
	return failed
}

// replace puts o where q points, in place of what may be there.
func (s *Service) replace(q *request, o *object) *wire.Error {
	c, e, failed := s.find(q)
	if failed != nil {
		return failed
	}
	var old *object
	if e != nil {
		old = e.base
	}
	if failed := q.checkPut(old); failed != nil {
		return failed
	}
	s.commit(q, c, o)
	return nil
}

// commit makes o the blob that q names, without further question. The lease of an earlier
// one remains, its uncommitted blocks go; the time of creation is that of o, on which the
// documentation is silent and Azurite does the same.
func (s *Service) commit(q *request, c *container, o *object) {
	o.stampedAs, o.created = s.stamp(q.now), q.now
	e := c.entries[q.blob]
	if e == nil {
		e = &entry{}
		c.entries[q.blob] = e
	} else if e.base != nil {
		o.lease = e.base.lease
	}
	e.base, e.staged = o, nil
}

// properties reads the x-ms-blob- headers; with standard, as in Put Blob, the headers of
// HTTP stand in for those that are not there.
func (q *request) properties(standard bool) (p properties, failed *wire.Error) {
	p = properties{
		contentType: q.get(blobContentType), encoding: q.get(blobEncoding), language: q.get(blobLanguage),
		disposition: q.get(blobDisposition), cacheControl: q.get(blobCacheControl),
	}
	if standard {
		p.contentType = firstOf(p.contentType, q.get(contentType))
		p.encoding = firstOf(p.encoding, q.get(contentEncoding))
		p.language = firstOf(p.language, q.get(contentLanguage))
		p.cacheControl = firstOf(p.cacheControl, q.get(cacheControl))
	}
	if q.has(blobMD5) {
		sum, err := base64.StdEncoding.DecodeString(q.get(blobMD5))
		if err != nil || len(sum) != md5.Size {
			return p, wire.Refuse(http.StatusBadRequest, "InvalidMd5", "The MD5 value specified in the request is invalid: it must be 128 bits and Base64-encoded.")
		}
		p.md5 = sum
	}
	return p, nil
}

// firstOf is the first of its arguments that is not empty.
func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// tier reads x-ms-access-tier for a blob of this kind:
// https://learn.microsoft.com/rest/api/storageservices/set-blob-tier
func (q *request) tier(kind string) (string, *wire.Error) {
	tier := q.get(accessTier)
	switch tier {
	case "":
		return "", nil
	case "Hot", "Cool", "Cold", "Archive":
		if kind == blockBlob {
			return tier, nil
		}
	case "P4", "P6", "P10", "P15", "P20", "P30", "P40", "P50", "P60", "P70", "P80":
		if kind == pageBlob {
			return tier, nil
		}
	}
	return "", invalidHeader(accessTier, "is no tier of such a blob")
}

// tagsOfHeader reads x-ms-tags, which is written as a query string.
func (q *request) tagsOfHeader() ([]pair, *wire.Error) {
	if !q.has(tagsHeader) {
		return nil, nil
	}
	var tags []pair
	for item := range strings.SplitSeq(q.get(tagsHeader), "&") {
		name, value, _ := strings.Cut(item, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return nil, invalidHeader(tagsHeader, "is not well formed")
		}
		tags = append(tags, pair{name, value})
	}
	return checkTags(tags)
}

// checkTags sorts tags and verifies what
// https://learn.microsoft.com/rest/api/storageservices/set-blob-tags says of them.
func checkTags(tags []pair) ([]pair, *wire.Error) {
	slices.SortFunc(tags, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	if len(tags) > 10 {
		return nil, wire.Refuse(http.StatusBadRequest, "TagsTooLarge", "A blob has at most 10 tags.")
	}
	for i, t := range tags {
		switch {
		case t.name == "":
			return nil, wire.Refuse(http.StatusBadRequest, "EmptyTagName", "The name of one of the tag key-value pairs is empty.")
		case len(t.name) > 128 || len(t.value) > 256 || !isTag(t.name) || !isTag(t.value):
			return nil, wire.Refuse(http.StatusBadRequest, "InvalidTag", "A tag has a key of 1 to 128 and a value of 0 to 256 letters, digits, spaces and + - . / : = _.")
		case i > 0 && tags[i-1].name == t.name:
			return nil, wire.Refuse(http.StatusBadRequest, "DuplicateTagNames", "The name of one of the tag key-value pairs is not unique.")
		}
	}
	return tags, nil
}

func isTag(text string) bool {
	for _, r := range text {
		if !strings.ContainsRune(" +-./:=_", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}
