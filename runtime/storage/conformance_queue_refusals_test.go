package storage_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/storage"
)

// Every operation on a queue that is not there is refused alike.
func TestQueueMissing(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		q := c.Queues.NewQueueClient(unique(t, "missing"))
		m := putMessage(t, newQueue(t, c), "elsewhere", nil)
		ctx := t.Context()
		for name, call := range map[string]func() error{
			"delete":       func() error { _, err := q.Delete(ctx, nil); return err },
			"metadata":     func() error { _, err := q.GetProperties(ctx, nil); return err },
			"set metadata": func() error { _, err := q.SetMetadata(ctx, nil); return err },
			"policies":     func() error { _, err := q.GetAccessPolicy(ctx, nil); return err },
			"set policies": func() error { _, err := q.SetAccessPolicy(ctx, nil); return err },
			"put":          func() error { _, err := q.EnqueueMessage(ctx, "a", nil); return err },
			"receive":      func() error { _, err := q.DequeueMessage(ctx, nil); return err },
			"peek":         func() error { _, err := q.PeekMessage(ctx, nil); return err },
			"update":       func() error { _, err := q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, "a", nil); return err },
			"settle":       func() error { _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); return err },
			"clear":        func() error { _, err := q.ClearMessages(ctx, nil); return err },
		} {
			expect(t, name, call(), "404 QueueNotFound")
		}
	})
}

// The names of queues: https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata
func TestQueueNames(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		for name, want := range map[string]string{
			"abc":                   "done",
			"0-a-9":                 "done",
			strings.Repeat("a", 63): "done",
			"ab":                    "400 OutOfRangeInput",
			strings.Repeat("a", 64): "400 OutOfRangeInput",
			"Orders":                "400 InvalidResourceName",
			"or_ders":               "400 InvalidResourceName",
			"-orders":               "400 InvalidResourceName",
			"orders-":               "400 InvalidResourceName",
			"or--ders":              "400 InvalidResourceName",
			"örders":                "400 InvalidResourceName",
		} {
			_, err := c.Queues.CreateQueue(t.Context(), name, nil)
			expect(t, "create "+name, err, want)
		}
	})
}

// queueCase is a call on a queue that has one message and its answer.
type queueCase struct {
	name string
	call func(t *testing.T, q *azqueue.QueueClient, m *azqueue.EnqueuedMessage) error
	want string
}

func enqueue(text string, hidden, ttl *int32) func(*testing.T, *azqueue.QueueClient, *azqueue.EnqueuedMessage) error {
	return func(t *testing.T, q *azqueue.QueueClient, _ *azqueue.EnqueuedMessage) error {
		_, err := q.EnqueueMessage(t.Context(), text, &azqueue.EnqueueMessageOptions{VisibilityTimeout: hidden, TimeToLive: ttl})
		return err
	}
}

func dequeue(count, lease *int32) func(*testing.T, *azqueue.QueueClient, *azqueue.EnqueuedMessage) error {
	return func(t *testing.T, q *azqueue.QueueClient, _ *azqueue.EnqueuedMessage) error {
		_, err := q.DequeueMessages(t.Context(), &azqueue.DequeueMessagesOptions{NumberOfMessages: count, VisibilityTimeout: lease})
		return err
	}
}

func peekAt(count *int32) func(*testing.T, *azqueue.QueueClient, *azqueue.EnqueuedMessage) error {
	return func(t *testing.T, q *azqueue.QueueClient, _ *azqueue.EnqueuedMessage) error {
		_, err := q.PeekMessages(t.Context(), &azqueue.PeekMessagesOptions{NumberOfMessages: count})
		return err
	}
}

func renew(lease *int32) func(*testing.T, *azqueue.QueueClient, *azqueue.EnqueuedMessage) error {
	return func(t *testing.T, q *azqueue.QueueClient, m *azqueue.EnqueuedMessage) error {
		_, err := q.UpdateMessage(t.Context(), *m.MessageID, *m.PopReceipt, "new", &azqueue.UpdateMessageOptions{VisibilityTimeout: lease})
		return err
	}
}

// rawMessage is a request that the client would not send. In the path {id} and in the
// parameters {receipt} stand for those of the message.
func rawMessage(method, path string, parameters map[string]string, body string) func(*testing.T, *azqueue.QueueClient, *azqueue.EnqueuedMessage) error {
	return func(t *testing.T, q *azqueue.QueueClient, m *azqueue.EnqueuedMessage) error {
		given := map[string]string{"comp": ""}
		for name, value := range parameters {
			given[name] = strings.ReplaceAll(value, "{receipt}", *m.PopReceipt)
		}
		_, err := q.GetProperties(altered(t, method, strings.ReplaceAll(path, "{id}", *m.MessageID), given, body), nil)
		return err
	}
}

const week = 7 * 24 * 60 * 60

// What the service refuses, and where its limits are.
func TestQueueRefusals(t *testing.T) {
	n := to.Ptr[int32]
	message := "<QueueMessage><MessageText>hello</MessageText></QueueMessage>"
	for _, r := range []queueCase{
		{"put hidden for a week", enqueue("a", n(week), n(-1)), "done"},
		{"put hidden for longer", enqueue("a", n(week+1), n(-1)), "400 OutOfRangeQueryParameterValue"},
		{"put hidden for less than nothing", enqueue("a", n(-1), nil), "400 OutOfRangeQueryParameterValue"},
		{"put with a life of one second", enqueue("a", nil, n(1)), "done"},
		{"put with a life of nothing", enqueue("a", nil, n(0)), "400 InvalidQueryParameterValue"},
		{"put with a long life", enqueue("a", nil, n(1<<31-1)), "done"},
		{"put hidden for all its life", enqueue("a", n(30), n(30)), "400 InvalidQueryParameterValue"},
		{"put too long a text", enqueue(strings.Repeat("x", 64<<10+1), nil, nil), "413 RequestBodyTooLarge"},
		{"put a text too long in UTF-8", enqueue(strings.Repeat("ö", 32<<10+1), nil, nil), "413 RequestBodyTooLarge"},

		{"receive 32", dequeue(n(32), nil), "done"},
		{"receive 33", dequeue(n(33), nil), "400 OutOfRangeQueryParameterValue"},
		{"receive with a lease of 0", dequeue(nil, n(0)), "400 OutOfRangeQueryParameterValue"},
		{"receive with a lease of 1", dequeue(nil, n(1)), "done"},
		{"receive with a lease of a week", dequeue(nil, n(week)), "done"},
		{"receive with a longer lease", dequeue(nil, n(week+1)), "400 OutOfRangeQueryParameterValue"},
		{"peek at 33", peekAt(n(33)), "400 OutOfRangeQueryParameterValue"},

		{"update with a lease of 0", renew(n(0)), "done"},
		{"update with a lease below 0", renew(n(-1)), "400 OutOfRangeQueryParameterValue"},
		{"update with a lease above a week", renew(n(week + 1)), "400 OutOfRangeQueryParameterValue"},
		{"update an unknown message", rawMessage(http.MethodPut, "/messages/00000000-0000-4000-8000-ffffffffffff", map[string]string{"popreceipt": "{receipt}", "visibilitytimeout": "0"}, message), "404 MessageNotFound"},
		{"update too long a text", rawMessage(http.MethodPut, "/messages/{id}", map[string]string{"popreceipt": "{receipt}", "visibilitytimeout": "0"}, strings.Replace(message, "hello", strings.Repeat("x", 64<<10+1), 1)), "413 RequestBodyTooLarge"},
		{"settle an unknown message", rawMessage(http.MethodDelete, "/messages/00000000-0000-4000-8000-ffffffffffff", map[string]string{"popreceipt": "{receipt}"}, ""), "404 MessageNotFound"},

		{"put XML by hand", rawMessage(http.MethodPost, "/messages", nil, message), "201"},
		{"put with a declaration", rawMessage(http.MethodPost, "/messages", nil, `<?xml version="1.0" encoding="utf-8"?>`+message), "201"},
		{"put an empty text", rawMessage(http.MethodPost, "/messages", nil, strings.Replace(message, "hello", "", 1)), "201"},
		{"put spaces", rawMessage(http.MethodPost, "/messages", nil, strings.Replace(message, "hello", "  ", 1)), "201"},
		{"put nothing", rawMessage(http.MethodPost, "/messages", nil, ""), "400 InvalidXmlDocument"},
		{"put no text", rawMessage(http.MethodPost, "/messages", nil, "<QueueMessage></QueueMessage>"), "400 InvalidXmlDocument"},
		{"put another element", rawMessage(http.MethodPost, "/messages", nil, "<QueueMessage><Text>a</Text></QueueMessage>"), "400 InvalidXmlDocument"},
		{"put a list of messages", rawMessage(http.MethodPost, "/messages", nil, "<Messages>"+message+"</Messages>"), "400 InvalidXmlDocument"},
		{"number beyond all", rawMessage(http.MethodGet, "/messages", map[string]string{"numofmessages": "99999999999999999999"}, ""), "400 OutOfRangeQueryParameterValue"},
		{"peekonly false", rawMessage(http.MethodGet, "/messages", map[string]string{"peekonly": "false"}, ""), "done"},
		{"peekonly in capitals", rawMessage(http.MethodGet, "/messages", map[string]string{"peekonly": "TRUE"}, ""), "done"},
	} {
		t.Run(strings.ReplaceAll(r.name, " ", "-"), func(t *testing.T) {
			each(t, func(t *testing.T, c storage.Clients) {
				q := newQueue(t, c)
				expect(t, r.name, r.call(t, q, putMessage(t, q, "old", nil)), r.want)
			})
		})
	}
}
