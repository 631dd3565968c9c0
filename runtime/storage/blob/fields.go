package blob

import (
	"math/bits"
	"net/http"
	"strings"
)

// field is a request header or query parameter that the service reads.
type field uint8

const (
	clientRequestID field = iota
	msDate
	msVersion
	contentLength
	contentType
	contentMD5
	contentCRC
	structuredBody
	structuredLength

	contentEncoding
	contentLanguage
	cacheControl
	contentDisposition
	blobType
	blobContentType
	blobEncoding
	blobLanguage
	blobDisposition
	blobCacheControl
	blobMD5
	blobLength
	accessTier
	rehydratePriority
	tagsHeader
	publicAccess

	ifMatch
	ifNoneMatch
	ifModifiedSince
	ifUnmodifiedSince
	tagsIfMatch
	tagsIfNoneMatch
	tagsIfModifiedSince
	tagsIfUnmodifiedSince
	sourceIfMatch
	sourceIfNoneMatch
	sourceIfModifiedSince
	sourceIfUnmodifiedSince

	leaseID
	leaseAction
	leaseDuration
	leaseBreakPeriod
	proposedLeaseID
	sourceLeaseID

	httpRange
	msRange
	rangeMD5
	rangeCRC
	deleteSnapshots

	maxSize
	appendPosition
	pageWrite
	sequenceNumber
	sequenceAction
	ifSequenceLE
	ifSequenceLT
	ifSequenceEQ

	copySource
	copySourceRange
	copySourceMD5
	copySourceCRC
	copySourceTags
	copySourceProperties
	copySourceAuthorization
	copyRequiresSync
	copyAction

	// The service knows these and does not play them: see refused.
	ifTags
	sourceIfTags
	encryptionKey
	encryptionKeySHA
	encryptionAlgorithm
	encryptionScope
	defaultEncryptionScope
	denyEncryptionScope
	sourceEncryptionKey
	sourceEncryptionSHA
	sourceEncryptionAlgorithm
	immutabilityUntil
	immutabilityMode
	legalHold
	sealBlob
	accessTierIfModified
	accessTierIfUnmodified
	fileRequestIntent
	expiryOption
	expiryTime
	versionParam
	deleteType
	previousSnapshot
	previousSnapshotURL

	// Query parameters.
	compParam
	restypeParam
	timeoutParam
	snapshotParam
	blockIDParam
	blockListParam
	prefixParam
	delimiterParam
	markerParam
	maxResultsParam
	includeParam
	startFromParam
	endBefore
	copyIDParam

	fieldCount
)

// headers are the request headers, in lower case and as [http.CanonicalHeaderKey] writes
// them.
var headers = canonical(map[string]field{
	"x-ms-client-request-id": clientRequestID, "x-ms-date": msDate, "x-ms-version": msVersion,
	"content-length": contentLength, "content-type": contentType,
	"content-md5": contentMD5, "x-ms-content-crc64": contentCRC,
	"x-ms-structured-body": structuredBody, "x-ms-structured-content-length": structuredLength,

	"content-encoding": contentEncoding, "content-language": contentLanguage,
	"cache-control": cacheControl, "content-disposition": contentDisposition,
	"x-ms-blob-type": blobType, "x-ms-blob-content-type": blobContentType,
	"x-ms-blob-content-encoding": blobEncoding, "x-ms-blob-content-language": blobLanguage,
	"x-ms-blob-content-disposition": blobDisposition, "x-ms-blob-cache-control": blobCacheControl,
	"x-ms-blob-content-md5": blobMD5, "x-ms-blob-content-length": blobLength,
	"x-ms-access-tier": accessTier, "x-ms-rehydrate-priority": rehydratePriority,
	"x-ms-tags": tagsHeader, "x-ms-blob-public-access": publicAccess,

	"if-match": ifMatch, "if-none-match": ifNoneMatch,
	"if-modified-since": ifModifiedSince, "if-unmodified-since": ifUnmodifiedSince,
	"x-ms-blob-if-match": tagsIfMatch, "x-ms-blob-if-none-match": tagsIfNoneMatch,
	"x-ms-blob-if-modified-since": tagsIfModifiedSince, "x-ms-blob-if-unmodified-since": tagsIfUnmodifiedSince,
	"x-ms-source-if-match": sourceIfMatch, "x-ms-source-if-none-match": sourceIfNoneMatch,
	"x-ms-source-if-modified-since": sourceIfModifiedSince, "x-ms-source-if-unmodified-since": sourceIfUnmodifiedSince,

	"x-ms-lease-id": leaseID, "x-ms-lease-action": leaseAction, "x-ms-lease-duration": leaseDuration,
	"x-ms-lease-break-period": leaseBreakPeriod, "x-ms-proposed-lease-id": proposedLeaseID,
	"x-ms-source-lease-id": sourceLeaseID,

	"range": httpRange, "x-ms-range": msRange,
	"x-ms-range-get-content-md5": rangeMD5, "x-ms-range-get-content-crc64": rangeCRC,
	"x-ms-delete-snapshots": deleteSnapshots,

	"x-ms-blob-condition-maxsize": maxSize, "x-ms-blob-condition-appendpos": appendPosition,
	"x-ms-page-write": pageWrite, "x-ms-blob-sequence-number": sequenceNumber,
	"x-ms-sequence-number-action": sequenceAction, "x-ms-if-sequence-number-le": ifSequenceLE,
	"x-ms-if-sequence-number-lt": ifSequenceLT, "x-ms-if-sequence-number-eq": ifSequenceEQ,

	"x-ms-copy-source": copySource, "x-ms-source-range": copySourceRange,
	"x-ms-source-content-md5": copySourceMD5, "x-ms-source-content-crc64": copySourceCRC,
	"x-ms-copy-source-tag-option": copySourceTags, "x-ms-copy-source-blob-properties": copySourceProperties,
	"x-ms-copy-source-authorization": copySourceAuthorization, "x-ms-requires-sync": copyRequiresSync,
	"x-ms-copy-action": copyAction,

	"x-ms-if-tags": ifTags, "x-ms-source-if-tags": sourceIfTags,
	"x-ms-encryption-key": encryptionKey, "x-ms-encryption-key-sha256": encryptionKeySHA,
	"x-ms-encryption-algorithm": encryptionAlgorithm, "x-ms-encryption-scope": encryptionScope,
	"x-ms-default-encryption-scope": defaultEncryptionScope, "x-ms-deny-encryption-scope-override": denyEncryptionScope,
	"x-ms-source-encryption-key": sourceEncryptionKey, "x-ms-source-encryption-key-sha256": sourceEncryptionSHA,
	"x-ms-source-encryption-algorithm":     sourceEncryptionAlgorithm,
	"x-ms-immutability-policy-until-date":  immutabilityUntil,
	"x-ms-immutability-policy-mode":        immutabilityMode,
	"x-ms-legal-hold":                      legalHold,
	"x-ms-seal-blob":                       sealBlob,
	"x-ms-access-tier-if-modified-since":   accessTierIfModified,
	"x-ms-access-tier-if-unmodified-since": accessTierIfUnmodified,
	"x-ms-file-request-intent":             fileRequestIntent,
	"x-ms-expiry-option":                   expiryOption, "x-ms-expiry-time": expiryTime,
	"x-ms-previous-snapshot-url": previousSnapshotURL,
})

// canonical adds to names their canonical forms.
func canonical(names map[string]field) map[string]field {
	all := make(map[string]field, 2*len(names))
	for name, f := range names {
		all[name], all[http.CanonicalHeaderKey(name)] = f, f
	}
	return all
}

// params are the names of the query parameters. Those of a shared access signature are
// left out: who sends a request is not checked.
var params = map[string]field{
	"comp": compParam, "restype": restypeParam, "timeout": timeoutParam, "snapshot": snapshotParam,
	"blockid": blockIDParam, "blocklisttype": blockListParam,
	"prefix": prefixParam, "delimiter": delimiterParam, "marker": markerParam,
	"maxresults": maxResultsParam, "include": includeParam, "startfrom": startFromParam,
	"copyid": copyIDParam, "versionid": versionParam, "deletetype": deleteType,
	"prevsnapshot": previousSnapshot, "endbefore": endBefore,
}

// signature holds the query parameters of a shared access signature,
// https://learn.microsoft.com/rest/api/storageservices/create-service-sas.
var signature = map[string]bool{
	"sv": true, "ss": true, "srt": true, "sr": true, "sp": true, "st": true, "se": true,
	"sip": true, "spr": true, "sig": true, "si": true, "skoid": true, "sktid": true, "skt": true,
	"ske": true, "sks": true, "skv": true, "saoid": true, "suoid": true, "scid": true, "sdd": true,
	"ses": true, "sduoid": true, "skdutid": true, "rscc": true, "rscd": true, "rsce": true, "rscl": true, "rsct": true,
}

// fields is a set of fields.
type fields [2]uint64

func set(members ...field) (s fields) {
	for _, f := range members {
		s.add(f)
	}
	return s
}

func (s *fields) add(f field) { s[f/64] |= 1 << (f % 64) }

func (s *fields) has(f field) bool { return s[f/64]&(1<<(f%64)) != 0 }

// with is the union of s and others.
func (s fields) with(others ...fields) fields {
	for _, o := range others {
		s[0] |= o[0]
		s[1] |= o[1]
	}
	return s
}

// common is what every operation takes.
var common = set(clientRequestID, msDate, msVersion, contentLength, contentType, contentMD5, contentCRC,
	compParam, restypeParam, timeoutParam)

// refused is what belongs to features that this service does not have.
var refused = set(ifTags, sourceIfTags, encryptionKey, encryptionKeySHA, encryptionAlgorithm, encryptionScope,
	defaultEncryptionScope, denyEncryptionScope, sourceEncryptionKey, sourceEncryptionSHA, sourceEncryptionAlgorithm,
	immutabilityUntil, immutabilityMode, legalHold, sealBlob, accessTierIfModified, accessTierIfUnmodified,
	fileRequestIntent, expiryOption, expiryTime, versionParam, deleteType, previousSnapshot,
	previousSnapshotURL)

// firstOutside is the first member of s that is not in known, in the order of the
// constants, and whether there is one.
func (s fields) firstOutside(known fields) (field, bool) {
	for i := range s {
		if rest := s[i] &^ known[i]; rest != 0 {
			return field(64*i + bits.TrailingZeros64(rest)), true
		}
	}
	return 0, false
}

// firstIn is the first member of s that is in other, and whether there is one.
func (s fields) firstIn(other fields) (field, bool) {
	both := fields{s[0] & other[0], s[1] & other[1]}
	return both.firstOutside(fields{})
}

// String is the name of the header or parameter.
func (f field) String() string {
	for _, names := range []map[string]field{headers, params} {
		for name, g := range names {
			if g == f && name == strings.ToLower(name) {
				return name
			}
		}
	}
	return "?"
}

// isParam says whether f is a query parameter and not a header.
func (f field) isParam() bool {
	return f >= compParam || f == versionParam || f == deleteType || f == previousSnapshot
}

// isCondition says whether f is one of the standard conditional headers.
func (f field) isCondition() bool { return f >= ifMatch && f <= ifUnmodifiedSince }

// lookup finds the header of this name.
func lookup(name string) (f field, known bool) {
	if f, known = headers[name]; known {
		return f, true
	}
	f, known = headers[strings.ToLower(name)]
	return f, known
}
