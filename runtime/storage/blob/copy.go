package blob

import (
	"crypto/md5"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// source finds the blob that q names as a source, which must be of the same account, and
// judges the conditions on it.
func (s *Service) source(q *request) (*object, *wire.Error) {
	u, err := url.Parse(q.get(copySource))
	if err != nil || u.Host == "" {
		return nil, invalidHeader(copySource, "is no URL of a blob")
	}
	if !strings.EqualFold(u.Host, q.r.Host) {
		return nil, notImplemented("sources on other hosts, such as " + u.Host)
	}
	from := &request{r: q.r, now: q.now}
	from.container, from.blob, _ = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if from.blob == "" {
		from.container, from.blob = "$root", from.container
	}
	if failed := from.parseQuery(u.RawQuery); failed != nil {
		return nil, failed
	}
	if f, others := from.seen.firstOutside(snapshotField); others {
		return nil, invalidHeader(copySource, "has the parameter "+f.String())
	}
	_, o, failed := s.existing(from)
	if failed != nil {
		return nil, failed
	}
	c, failed := q.conditions(conditionalSource)
	if failed != nil {
		return nil, failed
	}
	if c.read(o.stampedAs) != nil {
		return nil, wire.Refuse(http.StatusPreconditionFailed, "SourceConditionNotMet",
			"The source condition specified using HTTP conditional header(s) is not met.")
	}
	if o.tier == "Archive" {
		return nil, wire.Refuse(http.StatusConflict, "BlobArchived", "This operation is not permitted on an archived blob.")
	}
	return o, nil
}

// part is what q uploads: its body, or a range of the blob that it names as a source.
func (s *Service) part(q *request) ([]byte, *wire.Error) {
	if !q.has(copySource) {
		if f, more := q.seen.firstIn(sourceFields); more {
			return nil, needsSource(f)
		}
		return q.body, nil
	}
	if len(q.body) > 0 {
		return nil, invalidHeader(contentLength, "must be 0 beside a source")
	}
	o, failed := s.source(q)
	if failed != nil {
		return nil, failed
	}
	from, to := int64(0), o.length()
	if q.has(copySourceRange) {
		if from, to, failed = parseRange(copySourceRange, q.get(copySourceRange), to); failed != nil {
			return nil, failed
		}
		if from >= o.length() || to > o.length() {
			return nil, wire.Refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange",
				"The range specified is invalid for the current size of the source.")
		}
	}
	content := o.read(from, to)
	return content, q.checkSource(content)
}

func needsSource(f field) *wire.Error {
	return invalidHeader(f, "is there without "+copySource.String())
}

// checkSource compares what came from a source with the hashes that were sent.
func (q *request) checkSource(content []byte) *wire.Error {
	if q.has(contentMD5) {
		if failed := checkMD5(content, contentMD5, q.get(contentMD5)); failed != nil {
			return failed
		}
	}
	if q.has(copySourceMD5) {
		if failed := checkMD5(content, copySourceMD5, q.get(copySourceMD5)); failed != nil {
			return failed
		}
	}
	if q.has(copySourceCRC) {
		return checkCRC(content, copySourceCRC, q.get(copySourceCRC))
	}
	return nil
}

// putFromURL is Put Blob From URL, within an account:
// https://learn.microsoft.com/rest/api/storageservices/put-blob-from-url
func (s *Service) putFromURL(q *request) *wire.Error {
	if q.get(blobType) != blockBlob {
		return invalidHeader(blobType, "is not BlockBlob, beside a source")
	}
	if f, more := q.seen.firstIn(structuredFields.with(set(copySourceRange, copyRequiresSync))); more {
		return wire.Refuse(http.StatusBadRequest, "UnsupportedHeader", "The header "+f.String()+" is not supported beside a source.")
	}
	from, failed := s.source(q)
	if failed != nil {
		return failed
	}
	content := from.read(0, from.length())
	o := &object{kind: blockBlob, content: slices.Clip(content)}
	if failed := q.checkSource(content); failed != nil {
		return failed
	}
	if failed := q.putParts(o); failed != nil {
		return failed
	}
	if !strings.EqualFold(q.get(copySourceProperties), "false") {
		// The properties of the source, but for those that are given.
		o.props = from.props.under(o.props)
		if !q.has(blobContentType) {
			o.props.contentType = from.props.contentType
		}
	}
	if failed := q.copyTags(o, from); failed != nil {
		return failed
	}
	if len(o.metadata) == 0 {
		o.metadata = from.metadata
	}
	sum := md5.Sum(content)
	o.props.md5 = sum[:]
	if failed := s.replace(q, o); failed != nil {
		return failed
	}
	q.tag(o.stampedAs)
	q.set("Content-Md5", base64MD5(o.props.md5))
	q.encrypted()
	return q.done(http.StatusCreated)
}

// under is p where over has nothing.
func (p properties) under(over properties) properties {
	return properties{
		contentType:  firstOf(over.contentType, p.contentType),
		encoding:     firstOf(over.encoding, p.encoding),
		language:     firstOf(over.language, p.language),
		disposition:  firstOf(over.disposition, p.disposition),
		cacheControl: firstOf(over.cacheControl, p.cacheControl),
	}
}

// copyTags reads x-ms-copy-source-tag-option, by which tags are copied too.
func (q *request) copyTags(o, from *object) *wire.Error {
	switch option := q.get(copySourceTags); {
	case option == "" || strings.EqualFold(option, "REPLACE"):
		return nil
	case !strings.EqualFold(option, "COPY"):
		return invalidHeader(copySourceTags, "is neither REPLACE nor COPY")
	case q.has(tagsHeader):
		return wire.Refuse(http.StatusBadRequest, "BothUserTagsAndSourceTagsCopyPresentException",
			"x-ms-tags header must not be present with x-ms-copy-source-tag-option as COPY.")
	}
	o.tags = from.tags
	return nil
}

// copyBlob is Copy Blob and Copy Blob From URL. Both are done when they are answered;
// the service takes its time for the former, and may.
// https://learn.microsoft.com/rest/api/storageservices/copy-blob
func (s *Service) copyBlob(q *request) *wire.Error {
	from, failed := s.source(q)
	if failed != nil {
		return failed
	}
	synchronous, failed := q.flag(copyRequiresSync)
	if failed != nil {
		return failed
	}
	if f, more := q.seen.firstIn(propertyFields.with(structuredFields, set(blobLength, sequenceNumber, copySourceRange, copySourceProperties))); more {
		return wire.Refuse(http.StatusBadRequest, "UnsupportedHeader", "The header "+f.String()+" is not supported by a copy.")
	}
	if synchronous && from.kind != blockBlob {
		return wire.Refuse(http.StatusConflict, "InvalidSourceBlobType", "The copy source blob type is invalid for this operation.")
	}
	if failed := q.checkSource(from.read(0, from.length())); failed != nil {
		return failed
	}
	o := from.clone()
	o.lease, o.snapshot, o.sealed = lease{}, "", false
	if len(q.metadata) > 0 {
		o.metadata = q.metadata
	}
	if o.tags, failed = q.tagsOfHeader(); failed != nil {
		return failed
	}
	if failed := q.copyTags(o, from); failed != nil {
		return failed
	}
	if o.tier, failed = q.tier(o.kind); failed != nil {
		return failed
	}
	o.tierChanged = q.now
	if failed := s.replaceByCopy(q, o); failed != nil {
		return failed
	}
	q.tag(o.stampedAs)
	q.set("X-Ms-Copy-Id", o.copied.id)
	q.set("X-Ms-Copy-Status", "success")
	if synchronous {
		q.setNonempty("Content-Md5", base64MD5(o.props.md5))
	}
	return q.done(http.StatusAccepted)
}

// replaceByCopy is replace for a copy, which may neither change the type of a blob nor
// use a lease that ends.
func (s *Service) replaceByCopy(q *request, o *object) *wire.Error {
	c, e, failed := s.find(q)
	if failed != nil {
		return failed
	}
	var old *object
	if e != nil {
		old = e.base
	}
	if failed := q.checkWrite(old); failed != nil {
		return failed
	}
	if old != nil && old.kind != o.kind {
		return wrongType()
	}
	if old != nil && old.lease.locked(q.now) && old.lease.duration > 0 {
		return wire.Refuse(http.StatusPreconditionFailed, "InfiniteLeaseDurationRequired",
			"The lease ID matched, but the specified lease must be an infinite-duration lease.")
	}
	o.copied = &copied{id: s.nextID(), source: q.get(copySource), completed: q.now, size: o.length()}
	s.commit(q, c, o)
	return nil
}

// abortCopy is Abort Copy Blob, for which there is never anything to abort:
// https://learn.microsoft.com/rest/api/storageservices/abort-copy-blob
func (s *Service) abortCopy(q *request) *wire.Error {
	_, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	if q.get(copyAction) != "abort" {
		return invalidHeader(copyAction, "is not abort")
	}
	if id, ok := guid(q.get(copyIDParam)); !ok || o.copied == nil || id == "" {
		return invalidQuery("copyid", "is not the id of a copy to this blob")
	}
	return wire.Refuse(http.StatusConflict, "NoPendingCopyOperation", "There is currently no pending copy operation.")
}
