package blob

import (
	"encoding/xml"
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// change makes next, a copy of what q names, the blob, after f has changed it.
func (s *Service) change(q *request, f func(next *object) *wire.Error) (*object, *wire.Error) {
	e, o, failed := s.existing(q)
	if failed != nil {
		return nil, failed
	}
	if failed := q.checkWrite(o); failed != nil {
		return nil, failed
	}
	next := o.clone()
	if failed := f(next); failed != nil {
		return nil, failed
	}
	next.stampedAs = s.stamp(q.now)
	e.base = next
	q.tag(next.stampedAs)
	return next, nil
}

// setMetadata is Set Blob Metadata:
// https://learn.microsoft.com/rest/api/storageservices/set-blob-metadata
func (s *Service) setMetadata(q *request) *wire.Error {
	_, failed := s.change(q, func(next *object) *wire.Error {
		next.metadata = q.metadata
		return nil
	})
	if failed != nil {
		return failed
	}
	q.encrypted()
	return q.done(http.StatusOK)
}

// setProperties is Set Blob Properties:
// https://learn.microsoft.com/rest/api/storageservices/set-blob-properties
func (s *Service) setProperties(q *request) *wire.Error {
	next, failed := s.change(q, func(next *object) *wire.Error { return next.setProperties(q) })
	if failed != nil {
		return failed
	}
	if next.kind == pageBlob {
		q.set("X-Ms-Blob-Sequence-Number", strconv.FormatInt(next.sequence, 10))
	}
	return q.done(http.StatusOK)
}

func (o *object) setProperties(q *request) *wire.Error {
	pages := q.has(blobLength) || q.has(sequenceAction) || q.has(sequenceNumber)
	if pages && o.kind != pageBlob {
		return invalidHeader(blobLength, "and the sequence number are of page blobs")
	}
	if _, others := q.seen.firstIn(propertyFields); others || !pages {
		props, failed := q.properties(false)
		if failed != nil {
			return failed
		}
		o.props = props
	}
	o.copied = nil // https://learn.microsoft.com/rest/api/storageservices/get-blob-properties#response-headers
	if q.has(blobLength) {
		size, failed := q.pageBlobSize()
		if failed != nil {
			return failed
		}
		o.resize(size)
	}
	return o.setSequence(q)
}

// setSequence changes the sequence number of a page blob.
func (o *object) setSequence(q *request) *wire.Error {
	n, failed := q.number(sequenceNumber, 0)
	if failed != nil {
		return failed
	}
	action := q.get(sequenceAction)
	switch {
	case action == "increment" && q.has(sequenceNumber), action == "" && q.has(sequenceNumber):
		return invalidHeader(sequenceNumber, "does not go with this action")
	case (action == "max" || action == "update") && !q.has(sequenceNumber):
		return missingHeader(sequenceNumber)
	case action == "increment" && o.sequence == math.MaxInt64:
		return wire.Refuse(http.StatusConflict, "SequenceNumberIncrementTooLarge", "The sequence number increment cannot be performed because it would result in overflow of the sequence number.")
	}
	switch action {
	case "":
	case "max":
		o.sequence = max(o.sequence, n)
	case "update":
		o.sequence = n
	case "increment":
		o.sequence++
	default:
		return invalidHeader(sequenceAction, "is none of max, update and increment")
	}
	return nil
}

// setTier is Set Blob Tier, which is done at once but for what is archived: that comes
// back after hours, and not here.
// https://learn.microsoft.com/rest/api/storageservices/set-blob-tier
func (s *Service) setTier(q *request) *wire.Error {
	_, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	if !q.has(accessTier) {
		return missingHeader(accessTier)
	}
	tier, failed := q.tier(o.kind)
	if failed != nil {
		return failed
	}
	if o.snapshot == "" {
		failed = o.lease.allowWrite(q)
	}
	if failed != nil {
		return failed
	}
	if o.tier == "Archive" && tier != "Archive" {
		return notImplemented("a way back from the archive tier")
	}
	o.tier, o.tierChanged = tier, q.now
	return q.done(http.StatusOK)
}

// tagDocument is the body of Set Blob Tags.
type tagDocument struct {
	XMLName xml.Name `xml:"Tags"`
	Tags    []struct {
		Key   string `xml:"Key"`
		Value string `xml:"Value"`
	} `xml:"TagSet>Tag"`
}

// setTags is Set Blob Tags, which gives the blob no new ETag:
// https://learn.microsoft.com/rest/api/storageservices/set-blob-tags
func (s *Service) setTags(q *request) *wire.Error {
	var sent tagDocument
	if failed := q.receive(&sent); failed != nil {
		return failed
	}
	var tags []pair
	for _, t := range sent.Tags {
		tags = append(tags, pair{t.Key, t.Value})
	}
	tags, failed := checkTags(tags)
	if failed != nil {
		return failed
	}
	_, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	c, failed := q.conditions(conditionalTags)
	if failed == nil {
		failed = c.write(o.stampedAs, true)
	}
	if failed == nil {
		failed = o.lease.allowWrite(q)
	}
	if failed != nil {
		return failed
	}
	o.tags = tags
	return q.done(http.StatusNoContent)
}

// getTags is Get Blob Tags:
// https://learn.microsoft.com/rest/api/storageservices/get-blob-tags
func (s *Service) getTags(q *request) *wire.Error {
	_, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	c, failed := q.conditions(conditionalTags)
	if failed == nil {
		failed = o.lease.allowRead(q)
	}
	if failed == nil {
		failed = c.read(o.stampedAs)
	}
	if failed != nil {
		return failed
	}
	var d document
	d.tags(o.tags)
	return q.send(&d)
}

// createSnapshot is Snapshot Blob:
// https://learn.microsoft.com/rest/api/storageservices/snapshot-blob
func (s *Service) createSnapshot(q *request) *wire.Error {
	e, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	c, failed := q.conditions(conditional)
	if failed == nil {
		failed = c.write(o.stampedAs, true)
	}
	if failed == nil {
		failed = o.lease.allowRead(q)
	}
	if failed != nil {
		return failed
	}
	snapshot := o.clone()
	snapshot.lease, snapshot.snapshot = lease{}, s.nextSnapshot(q)
	if len(q.metadata) > 0 {
		snapshot.metadata, snapshot.stampedAs = q.metadata, s.stamp(q.now)
	}
	e.snapshots = append(slices.Clip(e.snapshots), snapshot)
	q.tag(snapshot.stampedAs)
	q.set("X-Ms-Snapshot", snapshot.snapshot)
	q.encrypted()
	return q.done(http.StatusCreated)
}

// nextSnapshot is the time of a snapshot, which no other has: they differ by 100 ns if
// need be.
func (s *Service) nextSnapshot(q *request) string {
	const unit = 100
	at := q.now.Truncate(unit)
	if !at.After(s.snapped) {
		at = s.snapped.Add(unit)
	}
	s.snapped = at
	return at.UTC().Format(snapshotFormat)
}
