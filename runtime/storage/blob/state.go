package blob

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// The types of blobs.
const (
	blockBlob  = "BlockBlob"
	appendBlob = "AppendBlob"
	pageBlob   = "PageBlob"
)

// stampedAs is what changes whenever a container or a blob does.
type stampedAs struct {
	etag     string // in quotes
	modified time.Time
}

type container struct {
	stampedAs
	metadata []pair
	access   string // "", "blob" or "container": who may read without credentials
	policies []policy
	lease    lease
	entries  map[string]*entry
}

// entry is what a container holds under one name.
type entry struct {
	base      *object   // nil when there are only uncommitted blocks
	snapshots []*object // the oldest first
	staged    []block   // uncommitted blocks, in the order of their first upload
	stagedAt  time.Time // the last of them
}

// object is a committed blob or a snapshot of one. Its content is never written to after
// the object can be seen, so readers and copies may share it; an append blob grows
// beyond its end.
type object struct {
	stampedAs
	kind     string
	created  time.Time
	snapshot string // when it is one
	metadata []pair
	tags     []pair // sorted by name
	props    properties
	lease    lease
	copied   *copied

	tier        string // "" until one was set: then it is inferred
	tierChanged time.Time

	content  []byte
	blocks   []block // of a block blob: what the content is made of
	appends  int     // of an append blob: how many blocks
	sealed   bool
	size     int64    // of a page blob: content ends with the last page written
	pages    []extent // of a page blob: what was written and not cleared
	sequence int64
}

// properties are the HTTP headers that a blob is served with.
type properties struct {
	contentType, encoding, language, disposition, cacheControl string
	md5                                                        []byte // of the whole content, nil if unknown
}

// block is a part of a block blob.
type block struct {
	id      string // as sent: Base64
	content []byte
}

// copied tells of the copy that made a blob.
type copied struct {
	id, source string
	completed  time.Time
	size       int64
}

// snapshotFormat is the time of a snapshot as it is written in a query.
const snapshotFormat = "2006-01-02T15:04:05.0000000Z"

// length is the size of o in bytes.
func (o *object) length() int64 {
	if o.kind == pageBlob {
		return o.size
	}
	return int64(len(o.content))
}

// read is the content of o from byte from to byte to, which must be inside of it.
func (o *object) read(from, to int64) []byte {
	if to <= int64(len(o.content)) {
		return o.content[from:to]
	}
	// The rest of a page blob, which has not been written, is zero.
	whole := make([]byte, to-from)
	if from < int64(len(o.content)) {
		copy(whole, o.content[from:])
	}
	return whole
}

// clone is a copy of o that may be changed without changing o.
func (o *object) clone() *object {
	c := *o
	c.content = slices.Clip(o.content)
	return &c
}

// stamp makes of q a change: a new ETag, and the time.
func (s *Service) stamp(now time.Time) stampedAs {
	s.stamps++
	return stampedAs{etag: etagOf(s.stamps), modified: now.Truncate(time.Second)}
}

// etagOf is the n-th ETag of a service.
func etagOf(n uint64) string {
	digits := strconv.FormatUint(n, 16)
	const zeros = "000000000000"
	if len(digits) < len(zeros) {
		digits = zeros[len(digits):] + digits
	}
	return `"0x8D` + strings.ToUpper(digits) + `"`
}

// open finds the container of q; a name that cannot be one is 400.
func (s *Service) open(q *request) (*container, *wire.Error) {
	if c := s.containers[q.container]; c != nil {
		return c, nil
	}
	if !isContainerName(q.container) {
		return nil, wire.Refuse(http.StatusBadRequest, "InvalidResourceName", "The specified resource name contains invalid characters.")
	}
	return nil, wire.Refuse(http.StatusNotFound, "ContainerNotFound", "The specified container does not exist.")
}

// find finds the container and the entry of q, nil if there is none.
func (s *Service) find(q *request) (*container, *entry, *wire.Error) {
	c, failed := s.open(q)
	if failed != nil {
		return nil, nil, failed
	}
	if failed := checkBlobName(q.blob); failed != nil {
		return nil, nil, failed
	}
	e := c.entries[q.blob]
	if e != nil && e.staged != nil && q.now.Sub(e.stagedAt) >= stagedFor {
		e.staged = nil
		if e.base == nil {
			delete(c.entries, q.blob)
			e = nil
		}
	}
	return c, e, nil
}

// existing finds the blob of q, which must exist, and be a snapshot if q names one.
func (s *Service) existing(q *request) (*entry, *object, *wire.Error) {
	_, e, failed := s.find(q)
	if failed != nil {
		return nil, nil, failed
	}
	if e != nil {
		if !q.seen.has(snapshotParam) {
			if e.base != nil {
				return e, e.base, nil
			}
		} else {
			for _, o := range e.snapshots {
				if o.snapshot == q.get(snapshotParam) {
					return e, o, nil
				}
			}
			if _, err := time.Parse(snapshotFormat, q.get(snapshotParam)); err != nil {
				return nil, nil, invalidQuery("snapshot", "is no time of a snapshot")
			}
		}
	}
	return nil, nil, wire.Refuse(http.StatusNotFound, "BlobNotFound", "The specified blob does not exist.")
}

// checkBlobName verifies the length of the name of a blob:
// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
func checkBlobName(name string) *wire.Error {
	if name == "" || len(name) > 1024 && len([]rune(name)) > 1024 {
		return wire.Refuse(http.StatusBadRequest, "InvalidResourceName", "The name of a blob has 1 to 1,024 characters.")
	}
	return nil
}

// isContainerName follows the rules of the page that checkBlobName names.
func isContainerName(name string) bool {
	switch name {
	case "$root", "$web", "$logs":
		return true
	}
	if len(name) < 3 || len(name) > 63 || strings.Contains(name, "--") ||
		name[0] == '-' || name[len(name)-1] == '-' {
		return false
	}
	for _, r := range []byte(name) {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// tag writes the stamp of a container or a blob.
func (q *request) tag(s stampedAs) {
	q.set("Etag", s.etag)
	q.set("Last-Modified", q.stamp(s.modified))
}

// stamp is wire.Stamp, which need not be done twice for the same second.
func (q *request) stamp(t time.Time) string {
	if q.date != "" && t.Unix() == q.now.Unix() {
		return q.date
	}
	return wire.Stamp(t)
}

// answerMetadata writes the headers of metadata, in the canonical form in which they
// arrive at a client in Go.
func (q *request) answerMetadata(metadata []pair) {
	for _, m := range metadata {
		q.set(http.CanonicalHeaderKey("X-Ms-Meta-"+m.name), m.value)
	}
}

// base64MD5 is a hash as headers say it, "" for none.
func base64MD5(sum []byte) string {
	if sum == nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(sum)
}
