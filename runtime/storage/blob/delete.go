package blob

import (
	"net/http"
	"slices"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// deleteBlob is Delete Blob: https://learn.microsoft.com/rest/api/storageservices/delete-blob
func (s *Service) deleteBlob(q *request) *wire.Error {
	e, o, failed := s.existing(q)
	if failed != nil {
		return s.deleteUncommitted(q, failed)
	}
	what := q.get(deleteSnapshots)
	switch {
	case what != "" && what != "include" && what != "only":
		return invalidHeader(deleteSnapshots, "is neither include nor only")
	case what != "" && o.snapshot != "":
		return invalidHeader(deleteSnapshots, "is for a blob, not for a snapshot")
	}
	if failed := q.checkWrite(o); failed != nil {
		return failed
	}
	switch {
	case o.snapshot != "":
		e.snapshots = slices.DeleteFunc(e.snapshots, func(other *object) bool { return other == o })
	case what == "only":
		e.snapshots = nil
	case what == "" && len(e.snapshots) > 0:
		return wire.Refuse(http.StatusConflict, "SnapshotsPresent", "This operation is not permitted because the blob has snapshots.")
	default:
		// Uncommitted blocks go with the blob.
		delete(s.containers[q.container].entries, q.blob)
	}
	q.set("X-Ms-Delete-Type-Permanent", "true")
	return q.done(http.StatusAccepted)
}

// deleteUncommitted deletes what is not there but for uncommitted blocks; otherwise it
// fails as failed says.
func (s *Service) deleteUncommitted(q *request, failed *wire.Error) *wire.Error {
	if failed.Code != "BlobNotFound" || q.seen.has(snapshotParam) {
		return failed
	}
	c, e, _ := s.find(q)
	if e == nil || len(e.staged) == 0 {
		return failed
	}
	if failed := q.checkWrite(nil); failed != nil {
		return failed
	}
	delete(c.entries, q.blob)
	return q.done(http.StatusAccepted)
}
