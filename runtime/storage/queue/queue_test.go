package queue_test

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idemlint/idemlint/runtime/storage/queue"
)

// What the clients of Azure see is tested in storage, against Azurite too. Here is what
// they cannot see, or what takes a clock that can be set.

// world is a service with a clock that stands still.
type world struct {
	*queue.Service
	t   *testing.T
	now time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)}
	w.Service = queue.New(func() time.Time { return w.now })
	return w
}

// request sends one request and wants an answer of this status.
func (w *world) request(method, target, body string, status int) *httptest.ResponseRecorder {
	w.t.Helper()
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, httptest.NewRequest(method, "https://demo.queue.core.windows.net"+target, strings.NewReader(body)))
	if answer.Code != status {
		w.t.Fatalf("%s %s: %d %s, want %d", method, target, answer.Code, answer.Header().Get("X-Ms-Error-Code"), status)
	}
	return answer
}

func (w *world) create(name string) {
	w.t.Helper()
	w.request(http.MethodPut, "/"+name, "", http.StatusCreated)
}

func (w *world) put(name, text string) message {
	w.t.Helper()
	answer := w.request(http.MethodPost, "/"+name+"/messages", "<QueueMessage><MessageText>"+text+"</MessageText></QueueMessage>", http.StatusCreated)
	return w.messages(answer)[0]
}

// receive receives up to 32 messages with a lease in seconds.
func (w *world) receive(name string, lease int) []message {
	w.t.Helper()
	return w.messages(w.request(http.MethodGet, fmt.Sprintf("/%s/messages?numofmessages=32&visibilitytimeout=%d", name, lease), "", http.StatusOK))
}

type message struct {
	ID      string `xml:"MessageId"`
	Receipt string `xml:"PopReceipt"`
	Text    string `xml:"MessageText"`
}

func (m message) path(name string) string {
	return "/" + name + "/messages/" + m.ID + "?popreceipt=" + url.QueryEscape(m.Receipt)
}

func (w *world) messages(answer *httptest.ResponseRecorder) []message {
	w.t.Helper()
	var list struct {
		Messages []message `xml:"QueueMessage"`
	}
	if err := xml.Unmarshal(answer.Body.Bytes(), &list); err != nil {
		w.t.Fatal(err)
	}
	return list.Messages
}

// The same requests at the same times have the same answers, to the byte.
func TestReplay(t *testing.T) {
	play := func() string {
		w := newWorld(t)
		w.create("orders")
		w.put("orders", "a")
		w.put("orders", "b")
		w.now = w.now.Add(time.Second)
		a := w.request(http.MethodGet, "/orders/messages", "", http.StatusOK)
		b := w.request(http.MethodGet, "/orders/messages", "", http.StatusOK)
		return fmt.Sprint(a.Header(), a.Body, b.Header(), b.Body, w.Snapshot())
	}
	if first, second := play(), play(); first != second {
		t.Errorf("first:\n%s\nsecond:\n%s", first, second)
	}
}

// A snapshot has the messages in the order in which they were put, hidden ones too, and
// stays as it is when the queue goes on.
func TestSnapshot(t *testing.T) {
	w := newWorld(t)
	w.create("empty")
	w.create("orders")
	a := w.put("orders", "a")
	start := w.now
	w.now = w.now.Add(10 * time.Second)
	b := w.put("orders", "b")
	received := w.receive("orders", 30)

	expires := func(at time.Time) time.Time { return at.Add(7 * 24 * time.Hour) }
	want := map[string][]queue.Message{
		"empty": {},
		"orders": {
			{ID: a.ID, Body: "a", DequeueCount: 1, Inserted: start, Expires: expires(start), NextVisible: w.now.Add(30 * time.Second), Receipt: received[0].Receipt},
			{ID: b.ID, Body: "b", DequeueCount: 1, Inserted: w.now, Expires: expires(w.now), NextVisible: w.now.Add(30 * time.Second), Receipt: received[1].Receipt},
		},
	}
	got := w.Snapshot()
	w.request(http.MethodDelete, received[0].path("orders"), "", http.StatusNoContent)
	w.request(http.MethodPut, received[1].path("orders")+"&visibilitytimeout=0", "", http.StatusNoContent)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("snapshot\n%v\nwant\n%v", got, want)
	}
}

// What is visible, and when the next message will be.
func TestVisible(t *testing.T) {
	w := newWorld(t)
	check := func(when string, visible int, next time.Duration) {
		t.Helper()
		if got := w.Visible("orders"); got != visible {
			t.Errorf("%s: %d visible, want %d", when, got, visible)
		}
		at, any := w.NextVisible()
		if any != (next > 0) || any && at.Sub(w.now) != next {
			t.Errorf("%s: the next is visible in %v (%t), want %v", when, at.Sub(w.now), any, next)
		}
	}
	check("without a queue", 0, 0)
	w.create("orders")
	w.put("orders", "a")
	w.put("orders", "b")
	check("with two messages", 2, 0)
	w.request(http.MethodGet, "/orders/messages?visibilitytimeout=120", "", http.StatusOK)
	w.now = w.now.Add(time.Second)
	w.request(http.MethodGet, "/orders/messages?visibilitytimeout=30", "", http.StatusOK)
	check("with two leases", 0, 30*time.Second)
	w.now = w.now.Add(30 * time.Second)
	check("when one has ended", 1, 89*time.Second)
	w.now = w.now.Add(89 * time.Second)
	check("when both have ended", 2, 0)
	w.now = w.now.Add(8 * 24 * time.Hour)
	check("when the messages have expired", 0, 0)
}

// A message whose lease ends after its life never becomes visible again.
func TestNextVisibleBeyondLife(t *testing.T) {
	w := newWorld(t)
	w.create("orders")
	w.request(http.MethodPost, "/orders/messages?messagettl=20", "<QueueMessage><MessageText>a</MessageText></QueueMessage>", http.StatusCreated)
	w.receive("orders", 30)
	if at, any := w.NextVisible(); any {
		t.Errorf("the next is visible at %v, want none", at)
	}
}

// A lease ends at its second, not after it.
func TestLeaseEnd(t *testing.T) {
	w := newWorld(t)
	w.create("orders")
	w.put("orders", "a")
	w.receive("orders", 30)
	w.now = w.now.Add(30*time.Second - 1)
	if got := w.receive("orders", 30); len(got) != 0 {
		t.Errorf("received %v a nanosecond before the lease ends, want nothing", got)
	}
	w.now = w.now.Add(1)
	if got := w.receive("orders", 30); len(got) != 1 {
		t.Errorf("received %v when the lease ends, want a", got)
	}
}

// What became visible first is delivered first: a message that was handed back is
// behind those that waited meanwhile.
func TestOrder(t *testing.T) {
	w := newWorld(t)
	w.create("orders")
	w.put("orders", "a")
	w.put("orders", "b")
	a := w.messages(w.request(http.MethodGet, "/orders/messages", "", http.StatusOK))[0]
	w.now = w.now.Add(time.Second)
	w.request(http.MethodPut, a.path("orders")+"&visibilitytimeout=0", "", http.StatusNoContent)
	w.put("orders", "c") // at the moment when a came back, but a was put before

	var got []string
	for _, m := range w.receive("orders", 30) {
		got = append(got, m.Text)
	}
	if want := []string{"b", "a", "c"}; !reflect.DeepEqual(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

// The name of a deleted queue is taken for 40 seconds:
// https://learn.microsoft.com/rest/api/storageservices/delete-queue3
func TestBeingDeleted(t *testing.T) {
	w := newWorld(t)
	w.create("orders")
	w.put("orders", "a")
	w.request(http.MethodDelete, "/orders", "", http.StatusNoContent)
	if got := w.Snapshot(); len(got) != 0 {
		t.Errorf("snapshot %v, want nothing: the messages are gone at once", got)
	}
	w.now = w.now.Add(40*time.Second - 1)
	w.request(http.MethodPut, "/orders", "", http.StatusConflict)
	w.request(http.MethodGet, "/orders/messages", "", http.StatusConflict)
	w.now = w.now.Add(1)
	w.request(http.MethodGet, "/orders/messages", "", http.StatusNotFound)
	w.create("orders")
	if got := w.receive("orders", 30); len(got) != 0 {
		t.Errorf("received %v from the new queue, want nothing", got)
	}
}

// The longest body and the longest text.
func TestSizes(t *testing.T) {
	w := newWorld(t)
	w.create("orders")
	const frame = "<QueueMessage><MessageText></MessageText></QueueMessage>"
	for _, c := range []struct {
		length int
		char   string
		status int
		limit  string
	}{
		{64 << 10, "x", http.StatusCreated, ""},
		{64<<10 + 1, "x", http.StatusRequestEntityTooLarge, "<MaxLimit>65536</MaxLimit>"},
		{(128<<10 + 512 - len(frame)) / len("&amp;"), "&amp;", http.StatusCreated, ""},
		{(128<<10+512-len(frame))/len("&amp;") + 1, "&amp;", http.StatusRequestEntityTooLarge, "<MaxLimit>131584</MaxLimit>"},
	} {
		body := strings.Replace(frame, "</MessageText>", strings.Repeat(c.char, c.length)+"</MessageText>", 1)
		answer := w.request(http.MethodPost, "/orders/messages", body, c.status)
		if !strings.Contains(answer.Body.String(), c.limit) {
			t.Errorf("%d times %s: %s, want %s", c.length, c.char, answer.Body, c.limit)
		}
	}
}

// HEAD gives the headers of GET, and a refusal's code without its body.
func TestHead(t *testing.T) {
	w := newWorld(t)
	refused := w.request(http.MethodHead, "/orders?comp=metadata", "", http.StatusNotFound)
	if code := refused.Header().Get("X-Ms-Error-Code"); code != "QueueNotFound" || refused.Body.Len() != 0 {
		t.Errorf("code %q and a body of %d bytes, want QueueNotFound and none", code, refused.Body.Len())
	}
	w.create("orders")
	w.put("orders", "a")
	answer := w.request(http.MethodHead, "/orders?comp=metadata", "", http.StatusOK)
	if count := answer.Header().Get("X-Ms-Approximate-Messages-Count"); count != "1" {
		t.Errorf("count %q, want 1", count)
	}
	if acl := w.request(http.MethodHead, "/orders?comp=acl", "", http.StatusOK); acl.Body.Len() != 0 {
		t.Errorf("the answer to HEAD has the body %s, want none", acl.Body)
	}
}

// Every answer says what was asked for, and when.
func TestCommonHeaders(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest(http.MethodGet, "https://demo.queue.core.windows.net/?comp=list", nil)
	r.Header.Set("X-Ms-Client-Request-Id", "mine")
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	for name, want := range map[string]string{
		"X-Ms-Client-Request-Id": "mine",
		"X-Ms-Request-Id":        "00000000-0000-4000-8000-000000000001",
		"Date":                   "Thu, 01 Jan 2026 12:00:00 GMT",
		"Content-Type":           "application/xml",
	} {
		if got := answer.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Workers that receive at once get different messages, each of them one worker.
func TestConcurrentWorkers(t *testing.T) {
	w := newWorld(t)
	w.create("orders")
	const workers, each = 8, 25
	for range workers * each {
		w.put("orders", "a")
	}
	var group sync.WaitGroup
	got := make([][]string, workers)
	for n := range workers {
		group.Go(func() {
			for range each {
				answer := httptest.NewRecorder()
				w.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/orders/messages", nil))
				var list struct {
					IDs []string `xml:"QueueMessage>MessageId"`
				}
				if err := xml.Unmarshal(answer.Body.Bytes(), &list); err == nil {
					got[n] = append(got[n], list.IDs...)
				}
			}
		})
	}
	group.Wait()
	seen := map[string]bool{}
	for _, id := range slices.Concat(got...) {
		if seen[id] {
			t.Errorf("message %s was received twice", id)
		}
		seen[id] = true
	}
	if len(seen) != workers*each {
		t.Errorf("%d messages were received, want %d", len(seen), workers*each)
	}
}
