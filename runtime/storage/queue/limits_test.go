package queue_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/idemlint/idemlint/runtime/storage/queue"
)

// A message lives until its time to live is over, and is then gone for everybody, whoever
// holds its receipt.
func TestExpiry(t *testing.T) {
	const text = "<QueueMessage><MessageText>a</MessageText></QueueMessage>"
	count := func(w *world) string {
		return w.request(http.MethodHead, "/orders?comp=metadata", "", http.StatusOK).Header().Get("X-Ms-Approximate-Messages-Count")
	}
	for name, gone := range map[string]func(t *testing.T, w *world, held message){
		"receive": func(t *testing.T, w *world, _ message) {
			if got := w.receive("orders", 30); len(got) != 0 {
				t.Errorf("received %v, want nothing", got)
			}
		},
		"count": func(t *testing.T, w *world, _ message) {
			if got := count(w); got != "0" {
				t.Errorf("%s messages, want 0", got)
			}
		},
		"snapshot": func(t *testing.T, w *world, _ message) {
			if got := w.Snapshot()["orders"]; len(got) != 0 {
				t.Errorf("snapshot %v, want nothing", got)
			}
		},
		"settle": func(_ *testing.T, w *world, held message) {
			w.request(http.MethodDelete, held.path("orders"), "", http.StatusNotFound)
		},
		"renew": func(_ *testing.T, w *world, held message) {
			w.request(http.MethodPut, held.path("orders")+"&visibilitytimeout=0", "", http.StatusNotFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.create("orders")
			w.request(http.MethodPost, "/orders/messages?messagettl=20", text, http.StatusCreated)
			held := w.receive("orders", 10)[0]
			w.now = w.now.Add(20*time.Second - 1)
			if got := count(w); got != "1" || w.Visible("orders") != 1 {
				t.Fatalf("%s messages, %d visible; want 1 a nanosecond before it expires", got, w.Visible("orders"))
			}
			w.now = w.now.Add(1)
			gone(t, w, held)
		})
	}
}

// A time to live beyond the calendar is forever.
func TestLongestLife(t *testing.T) {
	w := newWorld(t)
	w.create("orders")
	w.request(http.MethodPost, "/orders/messages?messagettl=9223372036854775807", "<QueueMessage><MessageText>a</MessageText></QueueMessage>", http.StatusCreated)
	if got := w.Snapshot()["orders"][0].Expires; got != queue.Never {
		t.Errorf("expires %v, want %v", got, queue.Never)
	}
}

// Times have no monotonic reading, which would make those of two runs differ.
func TestTimesCompare(t *testing.T) {
	w := newWorld(t)
	w.now = time.Now()
	w.create("orders")
	w.put("orders", "a")
	m := w.Snapshot()["orders"][0]
	for name, at := range map[string]time.Time{"Inserted": m.Inserted, "Expires": m.Expires, "NextVisible": m.NextVisible} {
		if at != at.Round(0).UTC() {
			t.Errorf("%s is %v, want it in UTC without a monotonic reading", name, at)
		}
	}
}

// What is well-formed XML and still no message or no settings.
func TestBodies(t *testing.T) {
	const message = "<QueueMessage><MessageText>a</MessageText></QueueMessage>"
	policy := func(id, permission string) string {
		return "<SignedIdentifiers><SignedIdentifier><Id>" + id + "</Id><AccessPolicy><Permission>" + permission +
			"</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>"
	}
	for _, c := range []struct {
		name, method, target, body string
		status                     int
	}{
		{"two messages", http.MethodPost, "/orders/messages", message + message, http.StatusBadRequest},
		{"a message and an empty one", http.MethodPost, "/orders/messages", message + "<QueueMessage/>", http.StatusBadRequest},
		{"two texts", http.MethodPost, "/orders/messages", strings.ReplaceAll(message, "</QueueMessage>", "<MessageText>b</MessageText></QueueMessage>"), http.StatusBadRequest},
		{"other elements beside the text", http.MethodPost, "/orders/messages", strings.ReplaceAll(message, "</QueueMessage>", "<Colour>blue</Colour></QueueMessage>"), http.StatusCreated},
		{"policy", http.MethodPut, "/orders?comp=acl", policy(strings.Repeat("a", 64), "raup"), http.StatusNoContent},
		{"policy with a long id", http.MethodPut, "/orders?comp=acl", policy(strings.Repeat("a", 65), "raup"), http.StatusBadRequest},
		{"policy with a strange permission", http.MethodPut, "/orders?comp=acl", policy("a", "raxup"), http.StatusBadRequest},
		{"policies that are none", http.MethodPut, "/orders?comp=acl", message, http.StatusBadRequest},
		{"settings that are none", http.MethodPut, "/?restype=service&comp=properties", message, http.StatusBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.create("orders")
			w.request(c.method, c.target, c.body, c.status)
		})
	}
}

// Peeking has no lease, so that a wrong one does not matter.
func TestPeekWithLease(t *testing.T) {
	w := newWorld(t)
	w.create("orders")
	w.put("orders", "a")
	got := w.messages(w.request(http.MethodGet, "/orders/messages?peekonly=true&visibilitytimeout=0", "", http.StatusOK))
	if len(got) != 1 || got[0].Receipt != "" || w.Visible("orders") != 1 {
		t.Errorf("peeked at %v with %d visible, want a without a receipt and 1", got, w.Visible("orders"))
	}
}
