package blob

import (
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// leaseState is one of the states in
// https://learn.microsoft.com/rest/api/storageservices/lease-blob#lease-states
type leaseState string

const (
	available leaseState = "available"
	leased    leaseState = "leased"
	expired   leaseState = "expired"
	breaking  leaseState = "breaking"
	broken    leaseState = "broken"
)

// lease is the lease on a blob or a container; the zero value is none. Time takes it from
// leased to expired and from breaking to broken.
type lease struct {
	id       string
	broken   bool          // a break was asked for
	duration time.Duration // 0 is infinite
	ends     time.Time     // zero is never
}

// state is the state of l at the time now.
func (l *lease) state(now time.Time) leaseState {
	over := !l.ends.IsZero() && !now.Before(l.ends)
	switch {
	case l.id == "":
		return available
	case l.broken && over:
		return broken
	case l.broken:
		return breaking
	case over:
		return expired
	}
	return leased
}

// locked says whether a write needs the id of the lease.
func (l *lease) locked(now time.Time) bool {
	state := l.state(now)
	return state == leased || state == breaking
}

// holds says whether id is the one of the lease: a GUID can be written in several ways.
func (l *lease) holds(id string) bool {
	if l.id == id {
		return true
	}
	a, okA := guid(l.id)
	b, okB := guid(id)
	return okA && okB && a == b
}

// guid is the 32 digits of a GUID, which may be written with hyphens and in braces or
// parentheses.
func guid(text string) (string, bool) {
	if n := len(text); n > 1 && (text[0] == '{' && text[n-1] == '}' || text[0] == '(' && text[n-1] == ')') {
		text = text[1 : n-1]
	}
	if len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' {
		text = text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	}
	_, err := hex.DecodeString(text)
	return strings.ToLower(text), err == nil && len(text) == 32
}

// describe writes the headers of the lease.
func (l *lease) describe(q *request) {
	status, state := "unlocked", l.state(q.now)
	if l.locked(q.now) {
		status = "locked"
	}
	q.set("X-Ms-Lease-Status", status)
	q.set("X-Ms-Lease-State", string(state))
	if state == leased {
		q.set("X-Ms-Lease-Duration", l.kind())
	}
}

// kind is the duration as headers and listings say it.
func (l *lease) kind() string {
	if l.duration == 0 {
		return "infinite"
	}
	return "fixed"
}

// allowRead judges the lease id of a read, which needs none:
// https://learn.microsoft.com/rest/api/storageservices/lease-blob#outcomes-of-use-attempts-on-blobs-by-lease-state
func (l *lease) allowRead(q *request) *wire.Error {
	id := q.get(leaseID)
	switch {
	case id == "":
		return nil
	case !l.locked(q.now):
		return l.notPresent(q)
	case !l.holds(id):
		return l.mismatch(q)
	}
	return nil
}

// allowWrite judges the lease id of a write and lets go of a lease that has ended.
func (l *lease) allowWrite(q *request) *wire.Error {
	if l.id == "" && !q.has(leaseID) {
		return nil
	}
	if l.locked(q.now) && !q.has(leaseID) {
		return wire.Refuse(http.StatusPreconditionFailed, "LeaseIdMissing",
			"There is currently a lease on the "+q.subject()+" and no lease ID was specified in the request.")
	}
	if failed := l.allowRead(q); failed != nil {
		return failed
	}
	if !l.locked(q.now) {
		*l = lease{} // What has been written to can no longer be renewed.
	}
	return nil
}

// subject is what q is about.
func (q *request) subject() string {
	if q.blob == "" {
		return "container"
	}
	return "blob"
}

// notPresent refuses a lease id where there is no active lease.
func (l *lease) notPresent(q *request) *wire.Error {
	if l.state(q.now) == expired && l.holds(q.get(leaseID)) {
		return wire.Refuse(http.StatusPreconditionFailed, "LeaseLost", "A lease ID was specified, but the lease for the "+q.subject()+" has expired.")
	}
	if q.blob == "" {
		return wire.Refuse(http.StatusPreconditionFailed, "LeaseNotPresentWithContainerOperation", "There is currently no lease on the container.")
	}
	return wire.Refuse(http.StatusPreconditionFailed, "LeaseNotPresentWithBlobOperation", "There is currently no lease on the blob.")
}

func (l *lease) mismatch(q *request) *wire.Error {
	if q.blob == "" {
		return wire.Refuse(http.StatusPreconditionFailed, "LeaseIdMismatchWithContainerOperation",
			"The lease ID specified did not match the lease ID for the container.")
	}
	return wire.Refuse(http.StatusPreconditionFailed, "LeaseIdMismatchWithBlobOperation",
		"The lease ID specified did not match the lease ID for the blob.")
}
