// Package blob is the blob service of a storage account:
// https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
//
// What it does not play it refuses, with a status of 400 or 501 and an error code, and
// never ignores: headers and parameters of customer-provided keys, versions,
// immutability, conditions on tags, and those it does not know. Every write is done when
// it is answered, copies too.
package blob

import (
	"net/http"
	"sync"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// Service is the blob service of one account. Safe for concurrent use.
type Service struct {
	now        func() time.Time
	operations map[key]*operation // kept here because one of them, a batch, looks others up

	mu         sync.Mutex
	containers map[string]*container
	deleted    map[string]time.Time // containers whose names are not free yet
	stamps     uint64               // the ETags given out
	ids        uint64               // the GUIDs given out
	snapped    time.Time            // the time of the last snapshot, so that each has its own
}

// New returns an empty service that takes the time from now.
func New(now func() time.Time) *Service { return &Service{now: now, operations: operations} }

// ServeHTTP answers one request; its path is "/container" or "/container/blob", and the
// rest of the path belongs to the name of the blob.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := &request{w: w, head: w.Header()}
	failed := q.parse(r)
	var op *operation
	if failed == nil {
		op, failed = s.operation(q)
	}
	if failed == nil {
		failed = q.readBody(op.body)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q.now = s.now()
	s.greet(q)
	if failed == nil {
		failed = op.run(s, q)
	}
	if failed != nil {
		failed.WriteXML(w, r)
	}
}

// greet writes the headers that every answer has.
func (s *Service) greet(q *request) {
	q.date = wire.Stamp(q.now)
	q.set("Date", q.date)
	q.set("X-Ms-Request-Id", s.nextID())
	q.set("X-Ms-Version", wire.Version)
	if id := q.get(clientRequestID); len(id) <= 1024 {
		q.setNonempty("X-Ms-Client-Request-Id", id)
	}
}

// nextID is the next of the GUIDs that the service gives out.
func (s *Service) nextID() string {
	s.ids++
	return wire.ID(s.ids)
}

// done writes the status of an answer without a body.
func (q *request) done(status int) *wire.Error {
	q.w.WriteHeader(status)
	return nil
}

// encrypted says, as the service always does, that what was written is encrypted.
func (q *request) encrypted() { q.set("X-Ms-Request-Server-Encrypted", "true") }
