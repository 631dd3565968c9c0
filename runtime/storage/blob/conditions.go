package blob

import (
	"net/http"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// conditions are the four conditional headers of a request, judged as
// https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
// says. For a resource that does not exist they count only where the request would
// succeed without them (RFC 9110, section 13.2.1): a read of a missing blob is 404.
type conditions struct {
	match, noneMatch     string // "" when not sent
	modified, unmodified time.Time
	count                int
}

// the headers of the conditions on a blob, on the tags of a blob, and on a source.
var (
	conditional       = [4]field{ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince}
	conditionalTags   = [4]field{tagsIfMatch, tagsIfNoneMatch, tagsIfModifiedSince, tagsIfUnmodifiedSince}
	conditionalSource = [4]field{sourceIfMatch, sourceIfNoneMatch, sourceIfModifiedSince, sourceIfUnmodifiedSince}
)

// conditions reads the four headers named by from.
func (q *request) conditions(from [4]field) (c conditions, failed *wire.Error) {
	for i, f := range from {
		value := q.get(f)
		if value == "" {
			continue
		}
		c.count++
		switch i {
		case 0:
			c.match = value
		case 1:
			c.noneMatch = value
		default:
			t, err := http.ParseTime(value)
			if err != nil {
				return c, invalidHeader(f, "is no time")
			}
			if i == 2 {
				c.modified = t
			} else {
				c.unmodified = t
			}
		}
	}
	return c, nil
}

func conditionNotMet() *wire.Error {
	return wire.Refuse(http.StatusPreconditionFailed, "ConditionNotMet",
		"The condition specified using HTTP conditional header(s) is not met.")
}

// read judges a read of what is stamped s:
// If-Match && If-Unmodified-Since && (If-None-Match || If-Modified-Since).
func (c *conditions) read(s stampedAs) *wire.Error {
	if c.count == 0 {
		return nil
	}
	if c.match != "" && !matches(c.match, s.etag) || !c.unmodified.IsZero() && s.modified.After(c.unmodified) {
		return conditionNotMet()
	}
	if c.noneMatch == "" && c.modified.IsZero() ||
		c.noneMatch != "" && !matches(c.noneMatch, s.etag) ||
		!c.modified.IsZero() && s.modified.After(c.modified) {
		return nil
	}
	return wire.Refuse(http.StatusNotModified, "ConditionNotMet", "")
}

// write judges a write of what is stamped s; exists is false for a write that makes it.
func (c *conditions) write(s stampedAs, exists bool) *wire.Error {
	if c.count == 0 {
		return nil
	}
	if failed := c.combination(); failed != nil {
		return failed
	}
	met := true
	switch {
	case c.noneMatch != "":
		met = !exists || !matches(c.noneMatch, s.etag)
	case c.match != "":
		met = exists && matches(c.match, s.etag)
	case !c.modified.IsZero():
		met = !exists || s.modified.After(c.modified)
	case !c.unmodified.IsZero():
		met = !exists || !s.modified.After(c.unmodified)
	}
	if !met {
		return conditionNotMet()
	}
	return nil
}

// combination verifies that a write has one condition, or one of the two pairs that the
// service takes, and one ETag in each.
func (c *conditions) combination() *wire.Error {
	pair := c.noneMatch != "" && !c.modified.IsZero() || c.match != "" && !c.unmodified.IsZero()
	if c.count > 2 || c.count == 2 && !pair || strings.Contains(c.match, ",") || strings.Contains(c.noneMatch, ",") {
		return wire.Refuse(http.StatusBadRequest, "MultipleConditionHeadersNotSupported", "Multiple condition headers are not supported.")
	}
	return nil
}

// matches says whether etag is in list, which is ETags with or without quotes, or "*".
func matches(list, etag string) bool {
	if list == etag || list == "*" {
		return true
	}
	for list != "" {
		var one string
		one, list, _ = strings.Cut(list, ",")
		if unquote(strings.TrimSpace(one)) == unquote(etag) {
			return true
		}
	}
	return false
}

func unquote(etag string) string {
	if len(etag) > 1 && etag[0] == '"' && etag[len(etag)-1] == '"' {
		return etag[1 : len(etag)-1]
	}
	return etag
}

// checkRead judges the conditions and the lease of a read of o.
func (q *request) checkRead(o *object) *wire.Error {
	c, failed := q.conditions(conditional)
	if failed != nil {
		return failed
	}
	if failed := o.lease.allowRead(q); failed != nil {
		return failed
	}
	return c.read(o.stampedAs)
}

// checkWrite judges the conditions and the lease of a write of o, which is nil when the
// write makes it.
func (q *request) checkWrite(o *object) *wire.Error {
	c, failed := q.conditions(conditional)
	if failed != nil {
		return failed
	}
	if o == nil {
		if failed := c.write(stampedAs{}, false); failed != nil {
			return failed
		}
		return (&lease{}).allowRead(q) // A blob that does not exist has no lease.
	}
	if failed := c.write(o.stampedAs, true); failed != nil {
		return failed
	}
	return o.lease.allowWrite(q)
}

// checkPut is checkWrite for the operations that replace a blob as a whole, where
// If-None-Match: * on an existing one has an error code of its own.
func (q *request) checkPut(o *object) *wire.Error {
	if o != nil && strings.TrimSpace(q.get(ifNoneMatch)) == "*" {
		c, failed := q.conditions(conditional)
		if failed == nil {
			failed = c.combination()
		}
		if failed != nil {
			return failed
		}
		return wire.Refuse(http.StatusConflict, "BlobAlreadyExists", "The specified blob already exists.")
	}
	return q.checkWrite(o)
}

// writeContainer is write for a container, which takes two conditions on time at once.
func (c *conditions) writeContainer(to *container) *wire.Error {
	if !c.modified.IsZero() && !to.modified.After(c.modified) || !c.unmodified.IsZero() && to.modified.After(c.unmodified) {
		return conditionNotMet()
	}
	return nil
}
