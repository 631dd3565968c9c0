package blob

import (
	"net/http"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// operation is one operation of the service.
type operation struct {
	run   func(*Service, *request) *wire.Error
	takes fields // what it takes beside common
	body  int64  // the longest body, in bytes
}

// The longest bodies, in bytes. The service takes larger blocks and blobs (4,000 and
// 5,000 MiB: https://learn.microsoft.com/azure/storage/blobs/scalability-targets); here
// they stand in memory.
const (
	maxDocument = 8 << 20 // 50,000 ids of 64 bytes in Base64
	maxUpload   = 512 << 20
	maxAppend   = 100 << 20
	maxPages    = 4 << 20
	maxBatch    = 4 << 20
)

// maxContent is the size that a blob may grow to by its parts, in bytes; the service
// allows 190.7 TiB for block blobs.
const maxContent = 1 << 30

var (
	conditionFields  = set(ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince)
	sinceFields      = set(ifModifiedSince, ifUnmodifiedSince)
	leaseField       = set(leaseID)
	snapshotField    = set(snapshotParam)
	standardFields   = set(contentEncoding, contentLanguage, cacheControl, contentDisposition)
	propertyFields   = set(blobContentType, blobEncoding, blobLanguage, blobDisposition, blobCacheControl, blobMD5)
	structuredFields = set(structuredBody, structuredLength)
	listFields       = set(prefixParam, markerParam, maxResultsParam, includeParam)
	rangeFields      = set(httpRange, msRange)
	leasingFields    = set(leaseID, leaseAction, leaseDuration, leaseBreakPeriod, proposedLeaseID)
	sequenceFields   = set(ifSequenceLE, ifSequenceLT, ifSequenceEQ)
	sourceFields     = set(copySource, copySourceRange, copySourceMD5, copySourceCRC, copySourceAuthorization).with(sourceConditionFields)
	copyFields       = set(copySourceTags, copySourceProperties, copyRequiresSync)

	sourceConditionFields = set(sourceIfMatch, sourceIfNoneMatch, sourceIfModifiedSince, sourceIfUnmodifiedSince)
	tagConditionFields    = set(tagsIfMatch, tagsIfNoneMatch, tagsIfModifiedSince, tagsIfUnmodifiedSince)
)

// key is what an operation is known by: the method, what its path names, and the
// parameters restype and comp.
type key struct{ method, subject, restype, comp string }

// operations are all that this service does.
var operations = map[key]*operation{
	{"GET", "service", "", "list"}:   {(*Service).listContainers, listFields, 0},
	{"POST", "service", "", "batch"}: {(*Service).batch, fields{}, maxBatch},

	{"PUT", "container", "container", ""}:         {(*Service).createContainer, set(publicAccess), 0},
	{"GET", "container", "container", ""}:         {(*Service).getContainer, leaseField, 0},
	{"HEAD", "container", "container", ""}:        {(*Service).getContainer, leaseField, 0},
	{"DELETE", "container", "container", ""}:      {(*Service).deleteContainer, leaseField.with(sinceFields), 0},
	{"PUT", "container", "container", "metadata"}: {(*Service).setContainerMetadata, leaseField.with(sinceFields), 0},
	{"GET", "container", "container", "acl"}:      {(*Service).getACL, leaseField, 0},
	{"PUT", "container", "container", "acl"}:      {(*Service).setACL, leaseField.with(sinceFields, set(publicAccess)), maxDocument},
	{"PUT", "container", "container", "lease"}:    {(*Service).leaseContainer, leasingFields.with(sinceFields), 0},
	{"GET", "container", "container", "list"}:     {(*Service).listBlobs, listFields.with(set(delimiterParam, startFromParam, endBefore)), 0},
	{"POST", "container", "container", "batch"}:   {(*Service).batch, fields{}, maxBatch},

	{"PUT", "blob", "", ""}: {(*Service).putBlob, conditionFields.with(leaseField, standardFields, propertyFields, structuredFields,
		set(accessTier, rehydratePriority, blobType, blobLength, sequenceNumber, tagsHeader),
		sourceFields, copyFields), maxUpload},
	{"GET", "blob", "", ""}: {(*Service).getBlob, conditionFields.with(leaseField, snapshotField, standardFields, rangeFields,
		set(rangeMD5, rangeCRC, structuredBody)), 0},
	{"HEAD", "blob", "", ""}:   {(*Service).getBlob, conditionFields.with(leaseField, snapshotField, standardFields), 0},
	{"DELETE", "blob", "", ""}: {(*Service).deleteBlob, conditionFields.with(leaseField, snapshotField, set(deleteSnapshots)), 0},

	{"PUT", "blob", "", "metadata"}:   {(*Service).setMetadata, conditionFields.with(leaseField), 0},
	{"PUT", "blob", "", "properties"}: {(*Service).setProperties, conditionFields.with(leaseField, propertyFields, set(blobLength, sequenceNumber, sequenceAction)), 0},
	{"PUT", "blob", "", "tier"}:       {(*Service).setTier, leaseField.with(snapshotField, set(accessTier, rehydratePriority)), 0},
	{"PUT", "blob", "", "tags"}:       {(*Service).setTags, leaseField.with(tagConditionFields), maxDocument},
	{"GET", "blob", "", "tags"}:       {(*Service).getTags, leaseField.with(snapshotField, tagConditionFields), 0},
	{"PUT", "blob", "", "lease"}:      {(*Service).leaseBlob, conditionFields.with(leasingFields), 0},
	{"PUT", "blob", "", "snapshot"}:   {(*Service).createSnapshot, conditionFields.with(leaseField), 0},
	{"PUT", "blob", "", "copy"}:       {(*Service).abortCopy, leaseField.with(set(copyAction, copyIDParam)), 0},

	{"PUT", "blob", "", "block"}: {(*Service).putBlock, leaseField.with(structuredFields, sourceFields, set(blockIDParam)), maxUpload},
	{"PUT", "blob", "", "blocklist"}: {(*Service).putBlockList, conditionFields.with(leaseField, propertyFields,
		set(accessTier, tagsHeader)), maxDocument},
	{"GET", "blob", "", "blocklist"}: {(*Service).getBlockList, leaseField.with(snapshotField, set(blockListParam)), 0},

	{"PUT", "blob", "", "appendblock"}: {(*Service).appendBlock, conditionFields.with(leaseField, structuredFields, sourceFields,
		set(maxSize, appendPosition)), maxAppend},
	{"PUT", "blob", "", "seal"}: {(*Service).sealBlob, conditionFields.with(leaseField, set(appendPosition)), 0},

	{"PUT", "blob", "", "page"}:     {(*Service).putPage, conditionFields.with(leaseField, rangeFields, structuredFields, sequenceFields, set(pageWrite)), maxPages},
	{"GET", "blob", "", "pagelist"}: {(*Service).getPageRanges, conditionFields.with(leaseField, snapshotField, rangeFields), 0},
}

// operation finds what q asks for, and verifies that all that q says is understood.
func (s *Service) operation(q *request) (*operation, *wire.Error) {
	k := key{q.r.Method, "service", q.get(restypeParam), q.get(compParam)}
	switch {
	case q.blob != "":
		k.subject = "blob"
	case q.container != "" && k.restype == "container":
		k.subject = "container"
	case q.container != "" && k.restype == "":
		// A single name is a blob in the root container.
		k.subject, q.container, q.blob = "blob", "$root", q.container
	}
	op := s.operations[k]
	if f, found := q.seen.firstIn(refused); found {
		return nil, notImplemented(f.String())
	}
	if op == nil {
		return nil, k.unknown()
	}
	f, found := q.seen.firstOutside(common.with(op.takes))
	switch {
	case !found:
		return op, nil
	case f.isParam():
		return nil, wire.Refuse(http.StatusBadRequest, "UnsupportedQueryParameter", "The query parameter "+f.String()+" is not supported here.")
	case f.isCondition():
		return nil, wire.Refuse(http.StatusBadRequest, "ConditionHeadersNotSupported", "Condition headers are not supported: "+f.String()+".")
	}
	return nil, wire.Refuse(http.StatusBadRequest, "UnsupportedHeader", "The header "+f.String()+" is not supported here.")
}

// unknown says why there is no operation k.
func (k key) unknown() *wire.Error {
	switch k.method {
	case "GET", "HEAD", "PUT", "DELETE", "POST", "PATCH", "OPTIONS":
		return notImplemented(k.method + " of a " + k.subject + " with restype=" + k.restype + " and comp=" + k.comp)
	}
	return wire.Refuse(http.StatusMethodNotAllowed, "UnsupportedHttpVerb", "The resource doesn't support the specified HTTP verb.")
}
