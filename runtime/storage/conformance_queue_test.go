package storage_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/storage"
)

// newQueue makes a queue that no other test uses.
func newQueue(t *testing.T, c storage.Clients) *azqueue.QueueClient {
	t.Helper()
	q := c.Queues.NewQueueClient(unique(t, "queue"))
	if _, err := q.Create(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return q
}

// putMessage puts one message.
func putMessage(t *testing.T, q *azqueue.QueueClient, text string, o *azqueue.EnqueueMessageOptions) *azqueue.EnqueuedMessage {
	t.Helper()
	answer, err := q.EnqueueMessage(t.Context(), text, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.Messages) != 1 {
		t.Fatalf("one message was put, and %d are told of", len(answer.Messages))
	}
	return answer.Messages[0]
}

// receiveMessages receives up to n messages, hidden for lease seconds.
func receiveMessages(t *testing.T, q *azqueue.QueueClient, n, lease int32) []*azqueue.DequeuedMessage {
	t.Helper()
	answer, err := q.DequeueMessages(t.Context(), &azqueue.DequeueMessagesOptions{NumberOfMessages: &n, VisibilityTimeout: &lease})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Messages
}

// messageTexts are the texts of messages in their order.
func messageTexts(messages []*azqueue.DequeuedMessage) []string {
	var all []string
	for _, m := range messages {
		all = append(all, *m.MessageText)
	}
	return all
}

// outcome is what a call came to: "done", or the status and the error code.
func outcome(err error) string {
	var refusal *azcore.ResponseError
	switch {
	case err == nil:
		return "done"
	case errors.As(err, &refusal):
		return strings.TrimSpace(fmt.Sprint(refusal.StatusCode, " ", refusal.ErrorCode))
	}
	return err.Error()
}

func expect(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := outcome(err); got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// A message is hidden while it is leased, and gone when it is deleted with the receipt of
// its delivery.
func TestQueueDelivery(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		q := newQueue(t, c)
		before := time.Now().Add(-2 * time.Second) // The answers cut times to the second.
		sent := putMessage(t, q, "hello", nil)

		got := receiveMessages(t, q, 1, 120)
		if len(got) != 1 {
			t.Fatalf("received %d messages, want 1", len(got))
		}
		m := got[0]
		if *m.MessageID != *sent.MessageID || *m.MessageText != "hello" || *m.DequeueCount != 1 {
			t.Errorf("received %q, %q, delivery %d; want %q, hello, 1", *m.MessageID, *m.MessageText, *m.DequeueCount, *sent.MessageID)
		}
		if *m.PopReceipt == *sent.PopReceipt {
			t.Error("the delivery has the receipt of the put: want one of its own")
		}
		if lease := m.TimeNextVisible.Sub(before); lease < 120*time.Second || lease > 125*time.Second {
			t.Errorf("hidden for %v, want 2m0s", lease)
		}
		if life := m.ExpirationTime.Sub(*m.InsertionTime); life != 7*24*time.Hour {
			t.Errorf("expires %v after its insertion, want a week", life)
		}
		if rest := receiveMessages(t, q, 1, 120); len(rest) != 0 {
			t.Errorf("received %q while it is leased, want nothing", messageTexts(rest))
		}

		_, err := q.DeleteMessage(t.Context(), *m.MessageID, *m.PopReceipt, nil)
		expect(t, "delete", err, "done")
		_, err = q.DeleteMessage(t.Context(), *m.MessageID, *m.PopReceipt, nil)
		expect(t, "delete again", err, "404 MessageNotFound")
	})
}

// A lease that ended voids no receipt; a new delivery does, and is counted.
func TestQueueLease(t *testing.T) {
	eachWaiting(t, func(t *testing.T, c storage.Clients) {
		late, again := newQueue(t, c), newQueue(t, c)
		putMessage(t, late, "late", nil)
		putMessage(t, again, "again", nil)
		unclaimed := receiveMessages(t, late, 1, 1)[0]
		first := receiveMessages(t, again, 1, 1)[0]
		time.Sleep(1100 * time.Millisecond)

		_, err := late.DeleteMessage(t.Context(), *unclaimed.MessageID, *unclaimed.PopReceipt, nil)
		expect(t, "delete after the lease ended, nobody else having received", err, "done")

		second := receiveMessages(t, again, 1, 30)[0]
		if *second.MessageID != *first.MessageID || *second.DequeueCount != 2 || *second.PopReceipt == *first.PopReceipt {
			t.Errorf("second delivery: id %q, count %d, receipt %q; want %q, 2 and not %q",
				*second.MessageID, *second.DequeueCount, *second.PopReceipt, *first.MessageID, *first.PopReceipt)
		}
		_, err = again.DeleteMessage(t.Context(), *first.MessageID, *first.PopReceipt, nil)
		if err == nil {
			t.Error("delete with the receipt of the first delivery: done, want a refusal") // Which one: TestQueueDifferences.
		}
		_, err = again.DeleteMessage(t.Context(), *second.MessageID, *second.PopReceipt, nil)
		expect(t, "delete with the receipt of the second delivery", err, "done")
	})
}

// A message can be put hidden, and is gone when its time to live is over.
func TestQueueTimes(t *testing.T) {
	eachWaiting(t, func(t *testing.T, c storage.Clients) {
		q := newQueue(t, c)
		putMessage(t, q, "later", &azqueue.EnqueueMessageOptions{VisibilityTimeout: to.Ptr[int32](1)})
		putMessage(t, q, "short", &azqueue.EnqueueMessageOptions{TimeToLive: to.Ptr[int32](1)})
		eternal := putMessage(t, q, "eternal", &azqueue.EnqueueMessageOptions{TimeToLive: to.Ptr[int32](-1)})
		if year := eternal.ExpirationTime.Year(); year != 9999 {
			t.Errorf("a time to live of -1 ends in %d, want 9999", year)
		}
		short := receiveMessages(t, q, 1, 30)[0] // Its lease is longer than its life: allowed.
		if *short.MessageText != "short" {
			t.Errorf("received %q, want short: later is hidden", *short.MessageText)
		}
		time.Sleep(1100 * time.Millisecond)

		_, err := q.DeleteMessage(t.Context(), *short.MessageID, *short.PopReceipt, nil)
		expect(t, "delete of an expired message", err, "404 MessageNotFound")
		got := messageTexts(receiveMessages(t, q, 32, 30))
		if want := []string{"eternal", "later"}; !slices.Equal(got, want) {
			t.Errorf("received %q, want %q: by the time when they became visible", got, want)
		}
	})
}

// Messages come in the order in which they were put, as many as are asked for.
func TestQueueOrder(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		q := newQueue(t, c)
		for i := range 40 {
			putMessage(t, q, fmt.Sprint(i), nil)
		}
		for _, batch := range []struct{ ask, first, count int }{{1, 0, 1}, {5, 1, 5}, {32, 6, 32}, {32, 38, 2}, {1, 0, 0}} {
			var want []string
			for i := range batch.count {
				want = append(want, fmt.Sprint(batch.first+i))
			}
			if got := messageTexts(receiveMessages(t, q, int32(batch.ask), 60)); !slices.Equal(got, want) {
				t.Errorf("asked for %d, received %q, want %q", batch.ask, got, want)
			}
		}
	})
}

// An update gives a new receipt, a new text and a new lease; a lease of 0 hands back.
func TestQueueUpdate(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		q := newQueue(t, c)
		putMessage(t, q, "draft", nil)
		m := receiveMessages(t, q, 1, 30)[0]

		renewed, err := q.UpdateMessage(t.Context(), *m.MessageID, *m.PopReceipt, "final", &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr[int32](60)})
		if err != nil {
			t.Fatal(err)
		}
		if *renewed.PopReceipt == *m.PopReceipt || !renewed.TimeNextVisible.After(*m.TimeNextVisible) {
			t.Errorf("receipt %q, hidden until %v; want another than %q, and later than %v",
				*renewed.PopReceipt, renewed.TimeNextVisible, *m.PopReceipt, m.TimeNextVisible)
		}
		if got := receiveMessages(t, q, 1, 30); len(got) != 0 {
			t.Errorf("received %q after the renewal, want nothing", messageTexts(got))
		}
		_, err = q.UpdateMessage(t.Context(), *m.MessageID, *renewed.PopReceipt, "final", &azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr[int32](0)})
		expect(t, "hand back", err, "done")
		back := receiveMessages(t, q, 1, 30)
		if len(back) != 1 || *back[0].MessageText != "final" || *back[0].DequeueCount != 2 {
			t.Fatalf("received %q, want the final text on its second delivery", messageTexts(back))
		}

		// Without a body the text stays.
		_, err = q.GetProperties(altered(t, http.MethodPut, "/messages/"+*m.MessageID,
			map[string]string{"comp": "", "popreceipt": *back[0].PopReceipt, "visibilitytimeout": "0"}, ""), nil)
		expect(t, "update without a body", err, "204")
		if got := messageTexts(receiveMessages(t, q, 1, 30)); !slices.Equal(got, []string{"final"}) {
			t.Errorf("received %q, want the text as it was", got)
		}
	})
}

// Peeking changes nothing.
func TestQueuePeek(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		q := newQueue(t, c)
		for _, text := range []string{"a", "b", "c"} {
			putMessage(t, q, text, nil)
		}
		receiveMessages(t, q, 1, 60) // a
		for range 2 {
			answer, err := q.PeekMessages(t.Context(), &azqueue.PeekMessagesOptions{NumberOfMessages: to.Ptr[int32](32)})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range answer.Messages {
				got = append(got, fmt.Sprint(*m.MessageText, *m.DequeueCount))
			}
			if want := []string{"b0", "c0"}; !slices.Equal(got, want) {
				t.Errorf("peeked at %q, want %q", got, want)
			}
		}
	})
}

// Clearing removes the hidden messages too.
func TestQueueClear(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		q := newQueue(t, c)
		putMessage(t, q, "hidden", nil)
		m := receiveMessages(t, q, 1, 60)[0]
		putMessage(t, q, "visible", nil)
		if count := queueProperties(t, q).ApproximateMessagesCount; *count != 2 {
			t.Errorf("%d messages, want 2: a hidden one counts", *count)
		}
		_, err := q.ClearMessages(t.Context(), nil)
		expect(t, "clear", err, "done")
		if count := queueProperties(t, q).ApproximateMessagesCount; *count != 0 {
			t.Errorf("%d messages, want 0", *count)
		}
		_, err = q.DeleteMessage(t.Context(), *m.MessageID, *m.PopReceipt, nil)
		expect(t, "delete", err, "404 MessageNotFound")
	})
}

func queueProperties(t *testing.T, q *azqueue.QueueClient) azqueue.GetQueuePropertiesResponse {
	t.Helper()
	answer, err := q.GetProperties(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// The text that was put is the text that is received, whatever XML makes of it.
func TestQueueTexts(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		q := newQueue(t, c)
		for name, text := range map[string]string{
			"markup":    `<a href="b">&amp;</a> ]]> '`,
			"unicode":   "Füße 消息 \U0001F4E8",
			"lines":     "one\ntwo\r\nthree\ttab",
			"64 KiB":    strings.Repeat("x", 64<<10),
			"base64":    "AAEC/v8=",
			"separator": "a\u2028b",
		} {
			putMessage(t, q, text, nil)
			m := receiveMessages(t, q, 1, 60)
			if len(m) != 1 || *m[0].MessageText != text {
				t.Errorf("%s: received %.80q, want %.80q", name, messageTexts(m), text)
			}
		}
	})
}

// Names and values of metadata are kept; those of a name that was left out are removed.
func TestQueueMetadata(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		name := unique(t, "metadata")
		q := c.Queues.NewQueueClient(name)
		blue := map[string]*string{"Colour": to.Ptr("blue"), "size_2": to.Ptr("L")}
		red := map[string]*string{"Colour": to.Ptr("red")}
		_, err := q.Create(t.Context(), &azqueue.CreateOptions{Metadata: blue})
		expect(t, "create", err, "done")
		_, err = q.Create(t.Context(), &azqueue.CreateOptions{Metadata: blue})
		expect(t, "create again with the same metadata", err, "done")
		_, err = q.Create(t.Context(), &azqueue.CreateOptions{Metadata: red})
		expect(t, "create again with other metadata", err, "409 QueueAlreadyExists")
		_, err = q.Create(t.Context(), nil)
		expect(t, "create again without metadata", err, "409 QueueAlreadyExists")
		if got, want := lowered(queueProperties(t, q).Metadata), map[string]string{"colour": "blue", "size_2": "L"}; !maps.Equal(got, want) {
			t.Errorf("metadata %v, want %v", got, want)
		}
		_, err = q.SetMetadata(t.Context(), &azqueue.SetMetadataOptions{Metadata: red})
		expect(t, "set", err, "done")
		if got, want := lowered(queueProperties(t, q).Metadata), map[string]string{"colour": "red"}; !maps.Equal(got, want) {
			t.Errorf("metadata %v, want %v", got, want)
		}
		_, err = q.SetMetadata(t.Context(), nil)
		expect(t, "remove", err, "done")
		if got := queueProperties(t, q).Metadata; len(got) != 0 {
			t.Errorf("metadata %v, want none", lowered(got))
		}
	})
}

// lowered is metadata with its names in lower case, since the case is lost on the way.
func lowered(metadata map[string]*string) map[string]string {
	all := map[string]string{}
	for name, value := range metadata {
		all[strings.ToLower(name)] = *value
	}
	return all
}

// Queues are listed by name, in pages.
func TestQueueList(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		prefix := unique(t, "list")
		var want []string
		for _, tail := range []string{"-a", "-b", "-c", "-d", "-e"} { // Azurite pages right only if made in order.
			_, err := c.Queues.CreateQueue(t.Context(), prefix+tail, &azqueue.CreateOptions{Metadata: map[string]*string{"tail": to.Ptr(tail)}})
			expect(t, "create", err, "done")
			want = append(want, prefix+tail+" "+tail)
		}
		pager := c.Queues.NewListQueuesPager(&azqueue.ListQueuesOptions{
			Prefix: &prefix, MaxResults: to.Ptr[int32](2), Include: azqueue.ListQueuesInclude{Metadata: true},
		})
		var got []string
		pages := 0
		for pager.More() {
			page, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, q := range page.Queues {
				got = append(got, *q.Name+" "+*q.Metadata["tail"])
			}
		}
		if !slices.Equal(got, want) || pages != 3 {
			t.Errorf("listed %q in %d pages, want %q in 3", got, pages, want)
		}
	})
}

// Stored access policies and service properties are given back as they were set.
func TestQueueSettings(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		q := newQueue(t, c)
		start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		acl := []*azqueue.SignedIdentifier{
			{ID: to.Ptr("all"), AccessPolicy: &azqueue.AccessPolicy{Start: &start, Expiry: to.Ptr(start.AddDate(1, 0, 0)), Permission: to.Ptr("raup")}},
			{ID: to.Ptr("read"), AccessPolicy: &azqueue.AccessPolicy{Start: &start, Expiry: to.Ptr(start.AddDate(2, 0, 0)), Permission: to.Ptr("r")}},
		}
		_, err := q.SetAccessPolicy(t.Context(), &azqueue.SetAccessPolicyOptions{QueueACL: acl})
		expect(t, "set policies", err, "done")
		kept, err := q.GetAccessPolicy(t.Context(), nil)
		expect(t, "get policies", err, "done")
		if !reflect.DeepEqual(kept.SignedIdentifiers, acl) {
			t.Errorf("policies %+v, want %+v", kept.SignedIdentifiers, acl)
		}
		_, err = q.SetAccessPolicy(t.Context(), &azqueue.SetAccessPolicyOptions{QueueACL: slices.Repeat(acl[:1], 6)})
		expect(t, "set six policies", err, "400 InvalidXmlDocument")

		before, err := c.Queues.GetServiceProperties(t.Context(), nil)
		expect(t, "get properties", err, "done")
		rule := azqueue.CORSRule{
			AllowedOrigins: to.Ptr("https://example.com"), AllowedMethods: to.Ptr("GET"),
			AllowedHeaders: to.Ptr("x-ms-meta-a"), ExposedHeaders: to.Ptr("x-ms-meta-b"), MaxAgeInSeconds: to.Ptr[int32](60),
		}
		_, err = c.Queues.SetProperties(t.Context(), &azqueue.SetPropertiesOptions{CORS: []*azqueue.CORSRule{&rule}})
		expect(t, "set properties", err, "done")
		after, err := c.Queues.GetServiceProperties(t.Context(), nil)
		expect(t, "get properties", err, "done")
		if len(after.CORS) != 1 || !reflect.DeepEqual(*after.CORS[0], rule) || !reflect.DeepEqual(after.HourMetrics, before.HourMetrics) {
			t.Errorf("CORS %+v and hour metrics %+v, want %+v and %+v", after.CORS, after.HourMetrics, rule, before.HourMetrics)
		}
	})
}

// altered is a context for GetProperties of a queue client that makes another request of
// it: the path is what follows the queue, a parameter with the value "" is removed.
func altered(t *testing.T, method, path string, parameters map[string]string, body string) context.Context {
	return alter(t.Context(), func(r *http.Request) {
		r.Method = method
		r.URL.Path += path
		query := r.URL.Query()
		for name, value := range parameters {
			query.Set(name, value)
			if value == "" {
				query.Del(name)
			}
		}
		r.URL.RawQuery = query.Encode()
		if body != "" {
			r.Header.Set("Content-Type", "application/xml")
			r.Header.Set("Content-Length", fmt.Sprint(len(body)))
			r.ContentLength = int64(len(body))
			r.Body = io.NopCloser(strings.NewReader(body))
		}
	})
}
