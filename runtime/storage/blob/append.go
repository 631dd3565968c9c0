package blob

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// appendBlock is Append Block, and with a source Append Block From URL:
// https://learn.microsoft.com/rest/api/storageservices/append-block
func (s *Service) appendBlock(q *request) *wire.Error {
	e, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	if o.kind != appendBlob {
		return wrongType()
	}
	content, failed := s.part(q)
	if failed != nil {
		return failed
	}
	if len(content) == 0 {
		return invalidHeader(contentLength, "must not be 0")
	}
	if failed := q.checkWrite(o); failed != nil {
		return failed
	}
	if failed := q.checkAppend(o, int64(len(content))); failed != nil {
		return failed
	}
	next := *o
	next.stampedAs = s.stamp(q.now)
	// Readers of o do not look beyond its end, so its array may be written to there.
	next.content = append(next.content, content...)
	next.appends++
	e.base = &next
	q.tag(next.stampedAs)
	q.set("X-Ms-Blob-Append-Offset", strconv.FormatInt(o.length(), 10))
	q.set("X-Ms-Blob-Committed-Block-Count", strconv.Itoa(next.appends))
	q.hashPart(content)
	q.encrypted()
	return q.done(http.StatusCreated)
}

// checkAppend judges what may be appended to o.
func (q *request) checkAppend(o *object, size int64) *wire.Error {
	if o.sealed {
		return wire.Refuse(http.StatusConflict, "BlobIsSealed", "The specified blob is sealed and its contents can't be modified unless the blob is re-created after a delete.")
	}
	most, failed := q.number(maxSize, maxContent)
	if failed != nil {
		return failed
	}
	if o.length()+size > most {
		if !q.has(maxSize) {
			return tooLarge(maxContent)
		}
		return wire.Refuse(http.StatusPreconditionFailed, "MaxBlobSizeConditionNotMet", "The max blob size condition specified was not met.")
	}
	if failed := q.checkAppendPosition(o); failed != nil {
		return failed
	}
	if o.appends == maxBlocks {
		return wire.Refuse(http.StatusConflict, "BlockCountExceedsLimit", "The committed block count cannot exceed the maximum limit of 50,000 blocks.")
	}
	if o.length()+size > maxContent {
		return tooLarge(maxContent)
	}
	return nil
}

func (q *request) checkAppendPosition(o *object) *wire.Error {
	at, failed := q.number(appendPosition, o.length())
	if failed == nil && at != o.length() {
		failed = wire.Refuse(http.StatusPreconditionFailed, "AppendPositionConditionNotMet", "The append position condition specified was not met.")
	}
	return failed
}

// sealBlob is Append Blob Seal:
// https://learn.microsoft.com/rest/api/storageservices/append-blob-seal
func (s *Service) sealBlob(q *request) *wire.Error {
	e, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	if o.kind != appendBlob {
		return wrongType()
	}
	if failed := q.checkWrite(o); failed != nil {
		return failed
	}
	if failed := q.checkAppendPosition(o); failed != nil {
		return failed
	}
	next := *o
	next.content = slices.Clip(o.content)
	if !o.sealed {
		next.sealed, next.stampedAs = true, s.stamp(q.now)
	}
	e.base = &next
	q.tag(next.stampedAs)
	q.set("X-Ms-Blob-Sealed", "true")
	return q.done(http.StatusOK)
}
