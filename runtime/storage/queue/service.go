// Package queue is the queue service of a storage account: Azure Queue Storage's REST
// protocol (https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api)
// as its clients speak it.
//
// A message that was received stays in the queue, hidden until its lease ends (the
// visibility timeout), and is settled by its deletion with the receipt of that delivery.
// Each delivery and each update gives a new receipt and voids the one before. A lease
// that has ended voids nothing: the receipt holds until the message is delivered again.
//
// Ids and receipts are counted instead of random, and the order of delivery is fixed
// (see the Get Messages operation), so that the same requests at the same times give
// the same answers. Queue names, times and limits are those of the service.
package queue

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// Service is the queue service of one account. Safe for concurrent use.
type Service struct {
	now func() time.Time

	mu         sync.Mutex
	queues     map[string]*queue
	deleted    map[string]time.Time // when each queue was deleted, see deletion
	properties properties
	requests   uint64 // answered so far
	messages   uint64 // put so far
	receipts   uint64 // given so far
}

// New returns an empty service that takes the time from now.
func New(now func() time.Time) *Service {
	return &Service{
		now:        now,
		queues:     map[string]*queue{},
		deleted:    map[string]time.Time{},
		properties: defaultProperties(),
	}
}

// bodyLimit is the longest body that the service reads, in bytes. It is undocumented:
// the service names it in its refusals of longer ones.
const bodyLimit = 128<<10 + 512

func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, refusal := read(r)
	a := answer{header: w.Header()}
	if refusal == nil {
		refusal = s.handle(&a, r, body)
	} else {
		s.begin(&a, r)
	}
	if refusal != nil {
		refusal.WriteXML(w, r)
		return
	}
	if a.body != nil {
		a.header.Set("Content-Type", "application/xml")
	}
	w.WriteHeader(a.status)
	if a.body != nil && r.Method != http.MethodHead {
		_, _ = w.Write(a.body.Bytes())
	}
}

// read takes the body before the service is locked: it can be slow to come.
func read(r *http.Request) ([]byte, *wire.Error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, bodyLimit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refuseSize(bodyLimit)
	case err != nil:
		return nil, wire.Refuse(http.StatusBadRequest, "InvalidInput", "The body of the request could not be read.")
	}
	return body, nil
}

// answer is what an operation says when it succeeds.
type answer struct {
	status int
	header http.Header
	body   *wire.XML // nil for none
}

// request is what an operation is told.
type request struct {
	*http.Request
	parts []string // of the path, as many as the operation needs
	query url.Values
	body  []byte
	now   time.Time
}

// An operation changes the service, which is locked, and answers or refuses.
type operation func(s *Service, r request, a *answer) *wire.Error

func (s *Service) begin(a *answer, r *http.Request) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.number(a, r)
}

func (s *Service) number(a *answer, r *http.Request) time.Time {
	now := s.now().UTC() // And thereby without a monotonic reading: equal times are equal.
	s.requests++
	wire.Common(a.header, r, s.requests, now)
	return now
}

func (s *Service) handle(a *answer, r *http.Request, body []byte) *wire.Error {
	query := r.URL.Query()
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.number(a, r)
	if _, refusal := wire.Int(query, "timeout", 0); refusal != nil {
		return refusal // It is not otherwise heeded: no operation here takes long.
	}
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	op, refusal := route(parts, r.Method, query.Get("comp"), query.Get("restype"))
	if refusal != nil {
		return refusal
	}
	return op(s, request{Request: r, parts: parts, query: query, body: body, now: now}, a)
}

// route finds the operation of a request: by the parts of the path, then the parameter
// comp, then the method.
func route(parts []string, method, comp, restype string) (operation, *wire.Error) {
	var methods map[string]operation
	switch {
	case len(parts) == 1 && parts[0] == "":
		methods = ofService[restype+"/"+comp]
	case len(parts) == 1:
		methods = ofQueue[comp]
	case len(parts) == 2 && parts[1] == "messages":
		methods = ofMessages[comp]
	case len(parts) == 3 && parts[1] == "messages" && parts[2] != "":
		methods = ofMessage[comp]
	default:
		return nil, wire.Refuse(http.StatusBadRequest, "InvalidUri", "The requested URI does not represent any resource on the server.")
	}
	if methods == nil {
		return nil, wire.InvalidParameter("comp", comp, "This resource has no such operation.")
	}
	op := methods[method]
	if op == nil {
		return nil, wire.Refuse(http.StatusMethodNotAllowed, "UnsupportedHttpVerb", "The resource doesn't support the specified HTTP verb.")
	}
	if parts[0] != "" || len(parts) > 1 {
		if refusal := checkName(parts[0]); refusal != nil {
			return nil, refusal
		}
	}
	return op, nil
}

// The operations of a kind of resource, by comp and method.
type operations map[string]map[string]operation

var (
	ofService = operations{ // by restype/comp
		"/list":              {http.MethodGet: (*Service).list},
		"service/properties": {http.MethodGet: (*Service).getProperties, http.MethodPut: (*Service).setProperties},
	}
	ofQueue = operations{
		"": {http.MethodPut: (*Service).create, http.MethodDelete: (*Service).remove},
		"metadata": {
			http.MethodGet: (*Service).getMetadata, http.MethodHead: (*Service).getMetadata,
			http.MethodPut: (*Service).setMetadata,
		},
		"acl": {
			http.MethodGet: (*Service).getACL, http.MethodHead: (*Service).getACL,
			http.MethodPut: (*Service).setACL,
		},
	}
	ofMessages = operations{
		"": {
			http.MethodPost: (*Service).put, http.MethodGet: (*Service).get,
			http.MethodDelete: (*Service).clear,
		},
	}
	ofMessage = operations{
		"": {http.MethodPut: (*Service).update, http.MethodDelete: (*Service).settle},
	}
)

func (r request) queueName() string { return r.parts[0] }
func (r request) messageID() string { return r.parts[2] }
