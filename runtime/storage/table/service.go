// Package table is the table service of a storage account: tables, entities with
// ETags, queries, and entity group transactions, as the official client (aztables)
// speaks to them.
//
// What it does is what the service's documentation says
// (https://learn.microsoft.com/rest/api/storageservices/table-service-rest-api); where
// that is silent, what aztables' own tests have recorded of the service, and then what
// Azurite does. What it does not do it refuses with 501 NotImplemented: queries inside a
// batch, functions and arithmetic in filters, statistics. It differs from the service
// knowingly in this:
//
//   - A table that is deleted is gone at once, and its name free. The service keeps the
//     name for some 40 seconds (409 TableBeingDeleted).
//   - A query gives up to 1,000 items and then a continuation; the service may give
//     fewer, or none, and a continuation all the same.
//   - Strings are ordered by their bytes in UTF-8. The service compares UTF-16: that is
//     another order where some characters are beyond U+FFFF.
//   - Who sends a request is not looked at: neither keys nor signatures.
package table

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// Service is the table service of one account. Safe for concurrent use: requests are
// served one after the other, each as a whole.
type Service struct {
	now func() time.Time

	mu         sync.Mutex
	tables     map[string]*table  // by lower-case name: the service's names ignore case
	requests   uint64             // answered or refused
	last       time.Time          // the newest stamp given
	properties *serviceProperties // nil before the first request for them
}

// table is one table. Its entities are never changed in place: a change puts another
// entity at the key, so that a transaction is undone by putting the old ones back.
type table struct {
	name     string // as it was created
	entities map[Key]*entity
	order    []Key // sorted; nil when a key came or went since
	policies policies
}

// New returns an empty service that takes the time from now.
func New(now func() time.Time) *Service { return &Service{now: now} }

// maxBody is the largest request read, in bytes: that of an entity group transaction,
// https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions.
const maxBody = 4 << 20

// ServeHTTP answers one request. A refusal has the service's JSON error body, see
// https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes; those
// of the settings and the access policies, which are no OData, have it as XML.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := request{
		method: r.Method,
		host:   r.Host,
		path:   r.URL.Path,
		query:  r.URL.RawQuery,
		header: r.Header,
	}
	var a answer
	body, refusal := read(r.Body)
	s.mu.Lock()
	s.requests++
	number, now := s.requests, s.now()
	if refusal == nil {
		q.body = body
		a, refusal = s.serve(&q)
	}
	s.mu.Unlock()
	header := w.Header()
	wire.Common(header, r, number, now)
	switch {
	case refusal == nil:
		for _, h := range a.header {
			header[h.name] = []string{h.value}
		}
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body)
	case r.Method == http.MethodHead:
		header.Set("X-Ms-Error-Code", refusal.Code)
		w.WriteHeader(refusal.Status)
	case q.xml:
		writeXML(w, refusal)
	default:
		refusal.WriteJSON(w)
	}
}

// read takes a whole body, or refuses one that is too long or breaks off.
func read(body io.ReadCloser) ([]byte, *wire.Error) {
	if body == nil || body == http.NoBody {
		return nil, nil
	}
	b, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), len(b) > maxBody:
		return nil, wire.Refuse(http.StatusRequestEntityTooLarge, "RequestBodyTooLarge",
			"The request body is too large and exceeds the maximum permissible limit.")
	case err != nil:
		return nil, badInput("The request body could not be read.")
	}
	return b, nil
}

// request is what a request says, be it one of its own or one inside a batch.
type request struct {
	method string
	host   string
	path   string // decoded
	query  string // raw
	header http.Header
	body   []byte
	xml    bool // the operation is one of the few that speak XML
}

// base is the address of the service, as metadata in answers names it.
func (q *request) base() string { return "https://" + q.host + "/" }

// answer is what the service says to a request that it does not refuse.
type answer struct {
	status int
	header []field
	body   []byte
}

// field is one header of an answer; its name is in canonical form.
type field struct{ name, value string }

func (a *answer) set(name, value string) { a.header = append(a.header, field{name, value}) }

// serve routes q; s.mu is held.
func (s *Service) serve(q *request) (answer, *wire.Error) {
	if refusal := q.tunnelled(); refusal != nil {
		return answer{}, refusal
	}
	where, refusal := parsePath(q.path)
	if refusal != nil {
		return answer{}, refusal
	}
	v, refusal := q.values()
	if refusal != nil {
		return answer{}, refusal
	}
	switch {
	case where.batch:
		return s.batch(q)
	case where.table == "":
		return s.service(q, v)
	case strings.EqualFold(where.table, "Tables"):
		return s.collection(q, v, where)
	case v.Has("comp"):
		return s.acl(q, v, where)
	case where.keyed:
		if q.method == http.MethodGet {
			return s.get(q, v, where)
		}
		return s.change(q, v, where)
	}
	switch q.method {
	case http.MethodGet:
		return s.query(q, v, where)
	case http.MethodPost:
		return s.change(q, v, where)
	}
	return answer{}, badMethod(q.method)
}

// tunnelled makes the method of q the one its X-HTTP-Method header names: a way round
// proxies that know no MERGE.
func (q *request) tunnelled() *wire.Error {
	method := q.header["X-Http-Method"]
	switch {
	case len(method) == 0:
		return nil
	case len(method) > 1:
		return wire.Refuse(http.StatusBadRequest, "XMethodIncorrectCount",
			"Incorrect number of X-HTTP-Method headers.")
	case q.method != http.MethodPost:
		return wire.Refuse(http.StatusBadRequest, "XMethodNotUsingPost",
			"The request uses X-HTTP-Method with an HTTP verb other than POST.")
	}
	switch method[0] {
	case http.MethodPut, http.MethodPatch, http.MethodDelete, methodMerge:
		q.method = method[0]
		return nil
	}
	return wire.Refuse(http.StatusBadRequest, "XMethodIncorrectValue",
		"The X-HTTP-Method value is not valid.")
}

// find is the table of this name, or the refusal 404 TableNotFound.
func (s *Service) find(name string) (*table, *wire.Error) {
	if t := s.tables[strings.ToLower(name)]; t != nil {
		return t, nil
	}
	return nil, wire.Refuse(http.StatusNotFound, "TableNotFound", "The table specified does not exist.")
}

func badInput(message string) *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "InvalidInput", message)
}

func badMethod(method string) *wire.Error {
	return wire.Refuse(http.StatusMethodNotAllowed, "MethodNotAllowed",
		"The requested method "+method+" is not allowed on the specified resource.")
}

func notBuilt(what string) *wire.Error {
	return wire.Refuse(http.StatusNotImplemented, "NotImplemented",
		"The requested operation is not implemented on the specified resource: "+what+".")
}
