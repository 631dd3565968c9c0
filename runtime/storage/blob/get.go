package blob

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// getBlob is Get Blob and Get Blob Properties:
// https://learn.microsoft.com/rest/api/storageservices/get-blob
func (s *Service) getBlob(q *request) *wire.Error {
	_, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	if failed := q.checkRead(o); failed != nil {
		if failed.Status == http.StatusNotModified {
			q.tag(o.stampedAs)
		}
		return failed
	}
	if q.r.Method == http.MethodHead {
		q.describe(o)
		q.describeTier(o)
		q.set("Content-Length", strconv.FormatInt(o.length(), 10))
		q.setNonempty("Content-Md5", base64MD5(o.props.md5))
		return q.done(http.StatusOK)
	}
	if q.has(structuredBody) && q.get(structuredBody) != structuredType {
		return invalidHeader(structuredBody, "is not "+structuredType)
	}
	if o.tier == "Archive" {
		return wire.Refuse(http.StatusConflict, "BlobArchived", "This operation is not permitted on an archived blob.")
	}
	from, to, ranged, failed := q.byteRange(o.length())
	if failed != nil {
		return failed
	}
	content := o.read(from, to)
	if failed := q.hashRange(content, ranged); failed != nil {
		return failed
	}
	q.describe(o)
	status := http.StatusOK
	if ranged {
		status = http.StatusPartialContent
		q.set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to-1, o.length()))
		q.setNonempty("X-Ms-Blob-Content-Md5", base64MD5(o.props.md5))
	} else {
		q.setNonempty("Content-Md5", base64MD5(o.props.md5))
	}
	if q.has(structuredBody) {
		q.set("X-Ms-Structured-Body", structuredType)
		q.set("X-Ms-Structured-Content-Length", strconv.Itoa(len(content)))
		content = encodeStructured(content)
	}
	q.set("Content-Length", strconv.Itoa(len(content)))
	q.w.WriteHeader(status)
	_, _ = q.w.Write(content)
	return nil
}

// describe writes the headers that Get Blob and Get Blob Properties share.
func (q *request) describe(o *object) {
	q.tag(o.stampedAs)
	q.set("Accept-Ranges", "bytes")
	q.set("Content-Type", firstOf(o.props.contentType, "application/octet-stream"))
	q.setNonempty("Content-Encoding", o.props.encoding)
	q.setNonempty("Content-Language", o.props.language)
	q.setNonempty("Content-Disposition", o.props.disposition)
	q.setNonempty("Cache-Control", o.props.cacheControl)
	q.set("X-Ms-Blob-Type", o.kind)
	q.set("X-Ms-Creation-Time", q.stamp(o.created))
	q.set("X-Ms-Server-Encrypted", "true")
	if o.snapshot == "" {
		o.lease.describe(q)
	}
	switch o.kind {
	case appendBlob:
		q.set("X-Ms-Blob-Committed-Block-Count", strconv.Itoa(o.appends))
		if o.sealed {
			q.set("X-Ms-Blob-Sealed", "true")
		}
	case pageBlob:
		q.set("X-Ms-Blob-Sequence-Number", strconv.FormatInt(o.sequence, 10))
	}
	if len(o.tags) > 0 {
		q.set("X-Ms-Tag-Count", strconv.Itoa(len(o.tags)))
	}
	if c := o.copied; c != nil {
		q.set("X-Ms-Copy-Id", c.id)
		q.set("X-Ms-Copy-Source", c.source)
		q.set("X-Ms-Copy-Status", "success")
		q.set("X-Ms-Copy-Progress", c.progress())
		q.set("X-Ms-Copy-Completion-Time", q.stamp(c.completed))
	}
	q.answerMetadata(o.metadata)
}

// describeTier writes the headers of the tier, which only block blobs have from the
// start.
func (q *request) describeTier(o *object) {
	if o.tier != "" {
		q.set("X-Ms-Access-Tier", o.tier)
		q.set("X-Ms-Access-Tier-Change-Time", q.stamp(o.tierChanged))
	} else if o.kind == blockBlob {
		q.set("X-Ms-Access-Tier", "Hot")
		q.set("X-Ms-Access-Tier-Inferred", "true")
	}
}

// byteRange is the part of a blob of this size that q asks for, from and to without to;
// ranged is whether it asks for a part. The forms of a range are "bytes=a-" and
// "bytes=a-b":
// https://learn.microsoft.com/rest/api/storageservices/specifying-the-range-header-for-blob-service-operations
func (q *request) byteRange(size int64) (from, to int64, ranged bool, failed *wire.Error) {
	f := msRange
	if !q.has(f) {
		f = httpRange
	}
	if !q.has(f) {
		return 0, size, false, nil
	}
	from, to, failed = parseRange(f, q.get(f), size)
	if failed != nil {
		return 0, 0, false, failed
	}
	if from >= size {
		q.set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return 0, 0, false, wire.Refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange",
			"The range specified is invalid for the current size of the resource.")
	}
	return from, min(to, size), true, nil
}

// parseRange takes a range apart; one without an end ends at size.
func parseRange(f field, text string, size int64) (from, to int64, failed *wire.Error) {
	first, last, ok := strings.Cut(strings.TrimPrefix(text, "bytes="), "-")
	from, err := strconv.ParseInt(first, 10, 64)
	if !ok || err != nil || from < 0 || !strings.HasPrefix(text, "bytes=") {
		return 0, 0, invalidHeader(f, "is not bytes=start- or bytes=start-end")
	}
	if last == "" {
		return from, size, nil
	}
	end, err := strconv.ParseInt(last, 10, 64)
	if err != nil || end < from || end+1 < 0 {
		return 0, 0, invalidHeader(f, "is not bytes=start- or bytes=start-end")
	}
	return from, end + 1, nil
}

// maxHashed is the longest range whose hash can be asked for, in bytes.
const maxHashed = 4 << 20

// hashRange writes the hash of a range if q asks for it.
func (q *request) hashRange(content []byte, ranged bool) *wire.Error {
	withMD5, failed := q.flag(rangeMD5)
	if failed != nil {
		return failed
	}
	withCRC, failed := q.flag(rangeCRC)
	if failed != nil || !withMD5 && !withCRC {
		return failed
	}
	if !ranged || withMD5 && withCRC || len(content) > maxHashed {
		return invalidHeader(rangeMD5, "or x-ms-range-get-content-crc64, one of them, is for ranges of up to 4 MiB")
	}
	if withMD5 {
		sum := md5.Sum(content)
		q.set("Content-Md5", base64MD5(sum[:]))
	} else {
		q.set("X-Ms-Content-Crc64", base64.StdEncoding.EncodeToString([]byte(sumCRC(content))))
	}
	return nil
}

// progress says how much was copied, which is all.
func (c *copied) progress() string { return fmt.Sprintf("%d/%d", c.size, c.size) }
