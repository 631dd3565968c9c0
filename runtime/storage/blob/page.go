package blob

import (
	"net/http"
	"strconv"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// pageSize is the unit of page blobs, in bytes.
const pageSize = 512

// maxPageBlob is the largest page blob, in bytes; the service allows 8 TiB.
const maxPageBlob = 64 << 20

// extent is a part of a page blob, from and to without to.
type extent struct{ from, to int64 }

// layPages makes of o an empty page blob as Put Blob asks for it.
func (o *object) layPages(q *request) (failed *wire.Error) {
	if !q.has(blobLength) {
		return missingHeader(blobLength)
	}
	if o.size, failed = q.pageBlobSize(); failed != nil {
		return failed
	}
	o.sequence, failed = q.number(sequenceNumber, 0)
	return failed
}

// pageBlobSize reads x-ms-blob-content-length.
func (q *request) pageBlobSize() (int64, *wire.Error) {
	size, failed := q.number(blobLength, 0)
	switch {
	case failed != nil:
		return 0, failed
	case size%pageSize != 0:
		return 0, invalidHeader(blobLength, "is no multiple of 512")
	case size > maxPageBlob:
		return 0, notImplemented("page blobs of more than 64 MiB")
	}
	return size, nil
}

// putPage is Put Page: https://learn.microsoft.com/rest/api/storageservices/put-page
func (s *Service) putPage(q *request) *wire.Error {
	e, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	if o.kind != pageBlob {
		return wrongType()
	}
	r, failed := q.pages(o)
	if failed != nil {
		return failed
	}
	if failed := q.checkWrite(o); failed != nil {
		return failed
	}
	if failed := q.checkSequence(o); failed != nil {
		return failed
	}
	next := o.clone()
	switch q.get(pageWrite) {
	case "update":
		if int64(len(q.body)) != r.to-r.from {
			return invalidHeader(contentLength, "is not the length of the range")
		}
		next.write(r, q.body)
	case "clear":
		if len(q.body) > 0 {
			return invalidHeader(contentLength, "must be 0 to clear pages")
		}
		next.clear(r)
	case "":
		return missingHeader(pageWrite)
	default:
		return invalidHeader(pageWrite, "is neither update nor clear")
	}
	next.stampedAs = s.stamp(q.now)
	e.base = next
	q.tag(next.stampedAs)
	q.set("X-Ms-Blob-Sequence-Number", strconv.FormatInt(next.sequence, 10))
	if len(q.body) > 0 {
		q.hashPart(q.body)
	}
	q.encrypted()
	return q.done(http.StatusCreated)
}

// pages reads the range of Put Page, which must be of whole pages inside of o.
func (q *request) pages(o *object) (extent, *wire.Error) {
	f := msRange
	if !q.has(f) {
		f = httpRange
	}
	if !q.has(f) {
		return extent{}, missingHeader(httpRange)
	}
	from, to, failed := parseRange(f, q.get(f), o.size)
	if failed != nil {
		return extent{}, failed
	}
	if from%pageSize != 0 || to%pageSize != 0 || from >= to || to > o.size {
		return extent{}, wire.Refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidPageRange", "The page range specified is invalid.")
	}
	return extent{from, to}, nil
}

// checkSequence judges the conditions on the sequence number.
func (q *request) checkSequence(o *object) *wire.Error {
	for _, condition := range []struct {
		f   field
		met func(limit int64) bool
	}{
		{ifSequenceLE, func(limit int64) bool { return o.sequence <= limit }},
		{ifSequenceLT, func(limit int64) bool { return o.sequence < limit }},
		{ifSequenceEQ, func(limit int64) bool { return o.sequence == limit }},
	} {
		if !q.has(condition.f) {
			continue
		}
		limit, err := strconv.ParseInt(q.get(condition.f), 10, 64)
		if err != nil || limit < 0 {
			return wire.Refuse(http.StatusBadRequest, "InvalidInput", "One of the request inputs is not valid: "+condition.f.String()+".")
		}
		if !condition.met(limit) {
			return wire.Refuse(http.StatusPreconditionFailed, "SequenceNumberConditionNotMet", "The sequence number condition specified was not met.")
		}
	}
	return nil
}

// write puts content at r, into a copy of what was there.
func (o *object) write(r extent, content []byte) {
	whole := make([]byte, max(int64(len(o.content)), r.to))
	copy(whole, o.content)
	copy(whole[r.from:], content)
	o.content = whole
	o.pages = without(o.pages, r)
	at := 0
	for at < len(o.pages) && o.pages[at].to < r.from {
		at++
	}
	// What touches r becomes one with it.
	end := at
	for end < len(o.pages) && o.pages[end].from <= r.to {
		r = extent{min(r.from, o.pages[end].from), max(r.to, o.pages[end].to)}
		end++
	}
	o.pages = append(append(append([]extent(nil), o.pages[:at]...), r), o.pages[end:]...)
}

// clear makes r zero, in a copy of what was there.
func (o *object) clear(r extent) {
	whole := append([]byte(nil), o.content...)
	if r.from < int64(len(whole)) {
		clear(whole[r.from:min(r.to, int64(len(whole)))])
	}
	o.content = whole
	o.pages = without(o.pages, r)
}

// resize makes o of this size.
func (o *object) resize(size int64) {
	if size < o.size {
		o.clear(extent{size, o.size})
		o.content = o.content[:min(int64(len(o.content)), size)]
	}
	o.size = size
}

// without is list without what is in r.
func without(list []extent, r extent) (rest []extent) {
	for _, p := range list {
		if before := (extent{p.from, min(p.to, r.from)}); before.from < before.to {
			rest = append(rest, before)
		}
		if after := (extent{max(p.from, r.to), p.to}); after.from < after.to {
			rest = append(rest, after)
		}
	}
	return rest
}

// getPageRanges is Get Page Ranges, in one answer:
// https://learn.microsoft.com/rest/api/storageservices/get-page-ranges
func (s *Service) getPageRanges(q *request) *wire.Error {
	_, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	if o.kind != pageBlob {
		return wrongType()
	}
	if failed := q.checkRead(o); failed != nil {
		return failed
	}
	asked := extent{0, o.size}
	if q.has(msRange) || q.has(httpRange) {
		if asked.from, asked.to, _, failed = q.byteRange(o.size); failed != nil {
			return failed
		}
	}
	q.tag(o.stampedAs)
	q.set("X-Ms-Blob-Content-Length", strconv.FormatInt(o.size, 10))
	var d document
	d.Open("PageList")
	for _, p := range o.pages {
		if p = (extent{max(p.from, asked.from), min(p.to, asked.to)}); p.from < p.to {
			d.Open("PageRange")
			d.Text("Start", strconv.FormatInt(p.from, 10))
			d.Text("End", strconv.FormatInt(p.to-1, 10))
			d.Close("PageRange")
		}
	}
	d.Close("PageList")
	return q.send(&d)
}
