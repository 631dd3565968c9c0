package blob

import (
	"net/http"
	"strconv"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// leaseBlob is Lease Blob: https://learn.microsoft.com/rest/api/storageservices/lease-blob
//
// It changes neither the ETag nor the time of the last change.
func (s *Service) leaseBlob(q *request) *wire.Error {
	_, o, failed := s.existing(q)
	if failed != nil {
		return failed
	}
	c, failed := q.conditions(conditional)
	if failed == nil {
		failed = c.write(o.stampedAs, true)
	}
	if failed != nil {
		return failed
	}
	return s.lease(q, &o.lease, o.stampedAs)
}

// leaseContainer is Lease Container:
// https://learn.microsoft.com/rest/api/storageservices/lease-container
func (s *Service) leaseContainer(q *request) *wire.Error {
	c, failed := s.open(q)
	if failed == nil {
		failed = q.checkContainer(c)
	}
	if failed != nil {
		return failed
	}
	return s.lease(q, &c.lease, c.stampedAs)
}

// lease does to l what q asks for.
func (s *Service) lease(q *request, l *lease, of stampedAs) *wire.Error {
	action := q.get(leaseAction)
	if failed := q.checkLeasing(action); failed != nil {
		return failed
	}
	var failed *wire.Error
	status := http.StatusOK
	switch action {
	case "acquire":
		status, failed = http.StatusCreated, s.acquire(q, l)
	case "renew":
		failed = l.renew(q)
	case "change":
		failed = l.change(q)
	case "release":
		failed = l.release(q)
	case "break":
		status, failed = http.StatusAccepted, l.end(q)
	case "":
		return missingHeader(leaseAction)
	default:
		return invalidHeader(leaseAction, "is none of acquire, renew, change, release and break")
	}
	if failed != nil {
		return failed
	}
	if action != "break" && action != "release" {
		q.set("X-Ms-Lease-Id", l.id)
	}
	q.tag(of)
	return q.done(status)
}

// checkLeasing verifies that q has the headers that its action needs, and well formed.
func (q *request) checkLeasing(action string) *wire.Error {
	for _, needed := range []struct {
		action string
		f      field
	}{
		{"acquire", leaseDuration},
		{"renew", leaseID}, {"change", leaseID}, {"change", proposedLeaseID}, {"release", leaseID},
	} {
		if needed.action == action && !q.has(needed.f) {
			return missingHeader(needed.f)
		}
	}
	switch {
	case q.has(leaseDuration) && action != "acquire":
		return invalidHeader(leaseDuration, "is for acquire")
	case q.has(leaseBreakPeriod) && action != "break":
		return invalidHeader(leaseBreakPeriod, "is for break")
	}
	for _, f := range []field{leaseID, proposedLeaseID} {
		if _, ok := guid(q.get(f)); q.has(f) && !ok {
			return invalidHeader(f, "is no GUID")
		}
	}
	return nil
}

func leaseConflict(code, message string) *wire.Error {
	return wire.Refuse(http.StatusConflict, code, message)
}

func leaseMismatch(q *request) *wire.Error {
	return leaseConflict("LeaseIdMismatchWithLeaseOperation", "The lease ID specified did not match the lease ID for the "+q.subject()+".")
}

func noLease(q *request) *wire.Error {
	return leaseConflict("LeaseNotPresentWithLeaseOperation", "There is currently no lease on the "+q.subject()+".")
}

// acquire leases what is not leased, or gives the lease of the same id a new duration.
func (s *Service) acquire(q *request, l *lease) *wire.Error {
	seconds, err := strconv.Atoi(q.get(leaseDuration))
	if err != nil || seconds != -1 && (seconds < 15 || seconds > 60) {
		return invalidHeader(leaseDuration, "is neither -1 nor 15 to 60 seconds")
	}
	proposed := q.get(proposedLeaseID)
	if l.locked(q.now) {
		switch same := proposed != "" && l.holds(proposed); {
		case !same:
			return leaseConflict("LeaseAlreadyPresent", "There is already a lease present.")
		case l.state(q.now) == breaking:
			return leaseConflict("LeaseIsBreakingAndCannotBeAcquired",
				"The lease ID matched, but the lease is currently in breaking state and cannot be acquired until it is broken.")
		}
	}
	if proposed == "" {
		proposed = s.nextID()
	}
	*l = lease{id: proposed}
	if seconds > 0 {
		l.duration = time.Duration(seconds) * time.Second
		l.ends = q.now.Add(l.duration)
	}
	return nil
}

// renew starts the time of a lease again, of an expired one too.
func (l *lease) renew(q *request) *wire.Error {
	if l.id == "" || !l.holds(q.get(leaseID)) {
		return leaseMismatch(q)
	}
	if l.broken {
		return leaseConflict("LeaseIsBrokenAndCannotBeRenewed", "The lease ID matched, but the lease has been broken explicitly and cannot be renewed.")
	}
	if l.duration > 0 {
		l.ends = q.now.Add(l.duration)
	}
	return nil
}

// change gives the lease another id. That it has this id already is success too, so that
// a change may be repeated.
func (l *lease) change(q *request) *wire.Error {
	if !l.locked(q.now) {
		return noLease(q)
	}
	if !l.holds(q.get(leaseID)) && (l.broken || !l.holds(q.get(proposedLeaseID))) {
		return leaseMismatch(q)
	}
	if l.broken {
		return leaseConflict("LeaseIsBreakingAndCannotBeChanged", "The lease ID matched, but the lease is currently in breaking state and cannot be changed.")
	}
	l.id = q.get(proposedLeaseID)
	return nil
}

// release ends the lease at once.
func (l *lease) release(q *request) *wire.Error {
	if l.id == "" || !l.holds(q.get(leaseID)) {
		return leaseMismatch(q)
	}
	*l = lease{}
	return nil
}

// maxBreak is the longest break period, in seconds.
const maxBreak = 60

// end breaks the lease, at the latest when it would have ended.
func (l *lease) end(q *request) *wire.Error {
	seconds, failed := q.number(leaseBreakPeriod, 0)
	if failed == nil && seconds > maxBreak {
		failed = invalidHeader(leaseBreakPeriod, "is not 0 to 60 seconds")
	}
	if failed != nil {
		return failed
	}
	if l.id == "" {
		return noLease(q)
	}
	until := q.now.Add(time.Duration(seconds) * time.Second)
	switch {
	case !l.locked(q.now):
		until = q.now
	case !l.ends.IsZero() && (!q.has(leaseBreakPeriod) || l.ends.Before(until)):
		until = l.ends
	}
	l.broken, l.ends = true, until
	left := (until.Sub(q.now) + time.Second - 1) / time.Second
	q.set("X-Ms-Lease-Time", strconv.Itoa(int(left)))
	return nil
}
