package queue

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// queue is one queue.
type queue struct {
	metadata map[string]string
	acl      []signedIdentifier
	messages []*Message // in the order of their insertion; some may have expired
}

// deletion is how long a deleted queue's name cannot be used: "at least 40 seconds", in
// which every operation on it is 409 QueueBeingDeleted
// (https://learn.microsoft.com/rest/api/storageservices/delete-queue3).
const deletion = 40 * time.Second

// find is the queue of this name if there is one.
func (s *Service) find(r request) (*queue, *wire.Error) {
	name := r.queueName()
	if q := s.queues[name]; q != nil {
		return q, nil
	}
	if refusal := s.beingDeleted(name, r.now); refusal != nil {
		return nil, refusal
	}
	return nil, wire.Refuse(http.StatusNotFound, "QueueNotFound", "The specified queue does not exist.")
}

func (s *Service) beingDeleted(name string, now time.Time) *wire.Error {
	at, was := s.deleted[name]
	if !was {
		return nil
	}
	if !now.Before(at.Add(deletion)) {
		delete(s.deleted, name)
		return nil
	}
	return wire.Refuse(http.StatusConflict, "QueueBeingDeleted", "The specified queue is being deleted.")
}

// checkName holds the name of a queue to
// https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata.
func checkName(name string) *wire.Error {
	if name != "" && (len(name) < 3 || len(name) > 63) {
		return wire.Refuse(http.StatusBadRequest, "OutOfRangeInput", "The specified resource name length is not within the permissible limits.")
	}
	dash := true // before the name, and before each character
	for _, r := range name {
		switch {
		case r == '-' && !dash:
			dash = true
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			dash = false
		default:
			return refuseName()
		}
	}
	if dash {
		return refuseName()
	}
	return nil
}

func refuseName() *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "InvalidResourceName", "The specified resource name contains invalid characters.")
}

// create is https://learn.microsoft.com/rest/api/storageservices/create-queue4: 201, or
// 204 when the queue is there with the same metadata.
func (s *Service) create(r request, a *answer) *wire.Error {
	metadata, refusal := wire.Metadata(r.Header)
	if refusal != nil {
		return refusal
	}
	name := r.queueName()
	if q := s.queues[name]; q != nil {
		if !maps.Equal(q.metadata, metadata) {
			return wire.Refuse(http.StatusConflict, "QueueAlreadyExists", "The specified queue already exists.")
		}
		a.status = http.StatusNoContent
		return nil
	}
	if refusal := s.beingDeleted(name, r.now); refusal != nil {
		return refusal
	}
	s.queues[name] = &queue{metadata: metadata}
	a.status = http.StatusCreated
	return nil
}

// remove is https://learn.microsoft.com/rest/api/storageservices/delete-queue3.
func (s *Service) remove(r request, a *answer) *wire.Error {
	if _, refusal := s.find(r); refusal != nil {
		return refusal
	}
	delete(s.queues, r.queueName())
	s.deleted[r.queueName()] = r.now
	a.status = http.StatusNoContent
	return nil
}

// getMetadata is https://learn.microsoft.com/rest/api/storageservices/get-queue-metadata.
// The number of messages counts the hidden ones; the service calls it approximate, here
// it is exact.
func (s *Service) getMetadata(r request, a *answer) *wire.Error {
	q, refusal := s.find(r)
	if refusal != nil {
		return refusal
	}
	q.expire(r.now)
	wire.SetMetadata(a.header, q.metadata)
	a.header.Set("X-Ms-Approximate-Messages-Count", strconv.Itoa(len(q.messages)))
	a.status = http.StatusOK
	return nil
}

// setMetadata is https://learn.microsoft.com/rest/api/storageservices/set-queue-metadata:
// it replaces all there was.
func (s *Service) setMetadata(r request, a *answer) *wire.Error {
	metadata, refusal := wire.Metadata(r.Header)
	if refusal != nil {
		return refusal
	}
	q, refusal := s.find(r)
	if refusal != nil {
		return refusal
	}
	q.metadata = metadata
	a.status = http.StatusNoContent
	return nil
}

// listLimit is the most queues in one answer:
// https://learn.microsoft.com/rest/api/storageservices/list-queues1.
const listLimit = 5000

// list is https://learn.microsoft.com/rest/api/storageservices/list-queues1: in
// alphabetical order, the marker being the name of the next queue.
func (s *Service) list(r request, a *answer) *wire.Error {
	limit, refusal := wire.IntWithin(r.query, "maxresults", listLimit, 1, 1<<31-1)
	if refusal != nil {
		return refusal
	}
	include, prefix, marker := r.query.Get("include"), r.query.Get("prefix"), r.query.Get("marker")
	if include != "" && include != "metadata" {
		return wire.InvalidParameter("include", include, "Only metadata can be included.")
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		if strings.HasPrefix(name, prefix) && name >= marker {
			names = append(names, name)
		}
	}
	next := ""
	if most := int(min(limit, listLimit)); len(names) > most {
		names, next = names[:most], names[most]
	}

	body := &wire.XML{}
	body.OpenWith("EnumerationResults", "ServiceEndpoint", "https://"+r.Host+"/")
	for _, given := range []struct{ name, parameter string }{
		{"Prefix", "prefix"}, {"Marker", "marker"}, {"MaxResults", "maxresults"},
	} {
		if value := r.query.Get(given.parameter); value != "" {
			body.Text(given.name, value)
		}
	}
	body.Open("Queues")
	for _, name := range names {
		body.Open("Queue").Text("Name", name)
		if include != "" {
			body.Open("Metadata")
			metadata := s.queues[name].metadata
			for _, key := range slices.Sorted(maps.Keys(metadata)) {
				body.Text(key, metadata[key])
			}
			body.Close("Metadata")
		}
		body.Close("Queue")
	}
	body.Close("Queues").Text("NextMarker", next).Close("EnumerationResults")
	a.status, a.body = http.StatusOK, body
	return nil
}
