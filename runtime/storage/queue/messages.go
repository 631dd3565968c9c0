package queue

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// The limits and defaults of the service, in seconds where they are times.
const (
	defaultLease = 30               // https://learn.microsoft.com/rest/api/storageservices/get-messages
	longestLease = 7 * 24 * 60 * 60 // the same
	mostMessages = 32               // the same
	defaultTTL   = 7 * 24 * 60 * 60 // https://learn.microsoft.com/rest/api/storageservices/put-message
	neverExpires = -1               // the same
	textLimit    = 64 << 10         // bytes; the same
)

// Never is when a message expires that was put with a time to live of -1.
var Never = time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC)

// put is https://learn.microsoft.com/rest/api/storageservices/put-message.
func (s *Service) put(r request, a *answer) *wire.Error {
	hidden, refusal := wire.IntWithin(r.query, "visibilitytimeout", 0, 0, longestLease)
	if refusal != nil {
		return refusal
	}
	ttl, refusal := wire.Int(r.query, "messagettl", defaultTTL)
	if refusal != nil {
		return refusal
	}
	if ttl != neverExpires && ttl < 1 {
		return wire.InvalidParameter("messagettl", strconv.FormatInt(ttl, 10),
			"Value must be greater than or equal to 1, or -1 to indicate an infinite TTL.")
	}
	if r.query.Has("messagettl") && ttl != neverExpires && hidden >= ttl {
		return wire.InvalidParameter("visibilitytimeout", strconv.FormatInt(hidden, 10),
			"messagettl must be greater than visibilitytimeout.")
	}
	text, refusal := messageText(r.body)
	if refusal != nil {
		return refusal
	}
	q, refusal := s.find(r)
	if refusal != nil {
		return refusal
	}

	s.messages++
	m := &Message{
		ID:          wire.ID(s.messages),
		Body:        text,
		Inserted:    r.now,
		Expires:     Never,
		NextVisible: after(r.now, hidden),
		Receipt:     s.receipt(),
	}
	if ttl != neverExpires && ttl < Never.Unix()-r.now.Unix() {
		m.Expires = after(r.now, ttl)
	}
	q.messages = append(q.messages, m)

	a.status, a.body = http.StatusCreated, &wire.XML{}
	a.body.Open(list)
	m.write(a.body, m.Receipt, false)
	a.body.Close(list)
	return nil
}

// get is https://learn.microsoft.com/rest/api/storageservices/get-messages, and with
// peekonly https://learn.microsoft.com/rest/api/storageservices/peek-messages.
//
// The service promises no order. Here what has been visible longest comes first: a
// message whose lease ended is behind the ones that were visible before that moment, and
// of two that became visible at once the one that was put first is first.
func (s *Service) get(r request, a *answer) *wire.Error {
	most, refusal := wire.IntWithin(r.query, "numofmessages", 1, 1, mostMessages)
	if refusal != nil {
		return refusal
	}
	peek := false
	if r.query.Has("peekonly") {
		value := r.query.Get("peekonly")
		peek = strings.EqualFold(value, "true")
		if !peek && !strings.EqualFold(value, "false") {
			return wire.InvalidParameter("peekonly", value, "The value must be true or false.")
		}
	}
	lease, refusal := wire.IntWithin(r.query, "visibilitytimeout", defaultLease, 1, longestLease)
	if refusal != nil && !peek {
		return refusal
	}
	q, refusal := s.find(r)
	if refusal != nil {
		return refusal
	}

	q.expire(r.now)
	a.status, a.body = http.StatusOK, &wire.XML{}
	a.body.Open(list)
	for _, m := range q.first(int(most), r.now) {
		if peek {
			m.write(a.body, "", true)
			continue
		}
		m.DequeueCount++
		m.NextVisible = after(r.now, lease) // It may be later than the message expires.
		m.Receipt = s.receipt()
		m.write(a.body, m.Receipt, true)
	}
	a.body.Close(list)
	return nil
}

// update is https://learn.microsoft.com/rest/api/storageservices/update-message: a new
// lease from now on, a new receipt, and a new text if the request has a body.
func (s *Service) update(r request, a *answer) *wire.Error {
	receipt, refusal := givenReceipt(r)
	if refusal != nil {
		return refusal
	}
	if !r.query.Has("visibilitytimeout") {
		return wire.MissingParameter("visibilitytimeout")
	}
	lease, refusal := wire.IntWithin(r.query, "visibilitytimeout", 0, 0, longestLease)
	if refusal != nil {
		return refusal
	}
	var text string
	if len(r.body) > 0 {
		if text, refusal = messageText(r.body); refusal != nil {
			return refusal
		}
	}
	q, i, refusal := s.holder(r, receipt)
	if refusal != nil {
		return refusal
	}
	m := q.messages[i]
	visible := after(r.now, lease)
	if visible.After(m.Expires) {
		// "Can't be set to a value later than the expiry time". The page does not say how
		// that is refused: as in Put Message, then.
		return wire.InvalidParameter("visibilitytimeout", strconv.FormatInt(lease, 10),
			"The message expires before its visibility timeout ends.")
	}
	m.NextVisible = visible
	m.Receipt = s.receipt()
	if len(r.body) > 0 {
		m.Body = text
	}
	a.header.Set("X-Ms-Popreceipt", m.Receipt)
	a.header.Set("X-Ms-Time-Next-Visible", wire.Stamp(m.NextVisible))
	a.status = http.StatusNoContent
	return nil
}

// settle is https://learn.microsoft.com/rest/api/storageservices/delete-message2.
func (s *Service) settle(r request, a *answer) *wire.Error {
	receipt, refusal := givenReceipt(r)
	if refusal != nil {
		return refusal
	}
	q, i, refusal := s.holder(r, receipt)
	if refusal != nil {
		return refusal
	}
	q.messages = slices.Delete(q.messages, i, i+1)
	a.status = http.StatusNoContent
	return nil
}

// clear is https://learn.microsoft.com/rest/api/storageservices/clear-messages: hidden
// messages go too.
func (s *Service) clear(r request, a *answer) *wire.Error {
	q, refusal := s.find(r)
	if refusal != nil {
		return refusal
	}
	q.messages = nil
	a.status = http.StatusNoContent
	return nil
}

// holder finds the message of a request, by its id and its receipt, and its place.
//
// A receipt that a later delivery or update has voided is 404 MessageNotFound, as if the
// message were gone: "If a message with a matching pop receipt isn't found, the service
// returns error code 404 (Not Found)"
// (https://learn.microsoft.com/rest/api/storageservices/delete-message2, and the remarks
// of get-messages). Who sees it cannot tell whether the message was settled or is being
// worked on by somebody else. Azurite tells them apart with 400 PopReceiptMismatch, a
// code that older editions of the page named.
func (s *Service) holder(r request, receipt string) (*queue, int, *wire.Error) {
	q, refusal := s.find(r)
	if refusal != nil {
		return nil, 0, refusal
	}
	q.expire(r.now)
	id := r.messageID()
	for i, m := range q.messages {
		if m.ID == id && m.Receipt == receipt {
			return q, i, nil
		}
	}
	return nil, 0, wire.Refuse(http.StatusNotFound, "MessageNotFound", "The specified message does not exist.")
}

// expire removes the messages whose time to live is over.
func (q *queue) expire(now time.Time) {
	q.messages = slices.DeleteFunc(q.messages, func(m *Message) bool { return m.expired(now) })
}

// first is the next messages to deliver, at most so many.
func (q *queue) first(most int, now time.Time) []*Message {
	next := make([]*Message, 0, most+1)
	for _, m := range q.messages {
		if !m.visible(now) {
			continue
		}
		place, _ := slices.BinarySearchFunc(next, m, func(other, m *Message) int {
			if other.NextVisible.After(m.NextVisible) {
				return 1
			}
			return -1 // Behind its equals, which were put before it.
		})
		if place < most {
			next = slices.Insert(next, place, m)
			next = next[:min(most, len(next))]
		}
	}
	return next
}

func after(now time.Time, seconds int64) time.Time {
	return now.Add(time.Duration(seconds) * time.Second)
}
