package storage_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/storage"
)

// queueDocs is where the pages about the service are that decide who is right.
const queueDocs = "https://learn.microsoft.com/rest/api/storageservices/"

// Where Azurite answers otherwise than the service's documentation says, the account in
// this process follows the documentation. These are all the differences that are known.
func TestQueueDifferences(t *testing.T) {
	n := to.Ptr[int32]
	message := "<QueueMessage><MessageText>hello</MessageText></QueueMessage>"
	for _, d := range []struct {
		queueCase
		azurite string
		page    string // under queueDocs
	}{
		// Who comes too late cannot tell whether the message was settled by somebody else or
		// is still leased. Azurite can.
		{queueCase{"settle with a voided receipt", func(t *testing.T, q *azqueue.QueueClient, m *azqueue.EnqueuedMessage) error {
			if err := renew(n(30))(t, q, m); err != nil {
				return err
			}
			_, err := q.DeleteMessage(t.Context(), *m.MessageID, *m.PopReceipt, nil)
			return err
		}, "404 MessageNotFound"}, "400 PopReceiptMismatch", "delete-message2#remarks"},
		{queueCase{"update with a voided receipt", func(t *testing.T, q *azqueue.QueueClient, m *azqueue.EnqueuedMessage) error {
			if err := renew(n(30))(t, q, m); err != nil {
				return err
			}
			return renew(n(30))(t, q, m)
		}, "404 MessageNotFound"}, "400 PopReceiptMismatch", "get-messages#remarks"},
		{queueCase{"settle with what is no receipt", rawMessage(http.MethodDelete, "/messages/{id}", map[string]string{"popreceipt": "invalid"}, ""),
			"400 InvalidQueryParameterValue"}, "400 PopReceiptMismatch", "status-and-error-codes2"},
		{queueCase{"settle without a receipt", rawMessage(http.MethodDelete, "/messages/{id}", nil, ""),
			"400 MissingRequiredQueryParameter"}, "400", "common-rest-api-error-codes"},
		{queueCase{"update without a receipt", rawMessage(http.MethodPut, "/messages/{id}", map[string]string{"visibilitytimeout": "0"}, message),
			"400 MissingRequiredQueryParameter"}, "400", "common-rest-api-error-codes"},
		{queueCase{"update without a lease", rawMessage(http.MethodPut, "/messages/{id}", map[string]string{"popreceipt": "{receipt}"}, message),
			"400 MissingRequiredQueryParameter"}, "400", "update-message#uri-parameters"},

		// A lease can end after the message expires when it is received, not when it is renewed.
		{queueCase{"update beyond the message's life", func(t *testing.T, q *azqueue.QueueClient, _ *azqueue.EnqueuedMessage) error {
			return renew(n(60))(t, q, putMessage(t, q, "short", &azqueue.EnqueueMessageOptions{TimeToLive: n(30)}))
		}, "400 InvalidQueryParameterValue"}, "done", "update-message#uri-parameters"},

		// A deleted queue's name is taken for a while, and every operation says so.
		{queueCase{"make a queue anew", func(t *testing.T, q *azqueue.QueueClient, _ *azqueue.EnqueuedMessage) error {
			if _, err := q.Delete(t.Context(), nil); err != nil {
				return err
			}
			_, err := q.Create(t.Context(), nil)
			return err
		}, "409 QueueBeingDeleted"}, "done", "delete-queue3#remarks"},
		{queueCase{"receive from a deleted queue", func(t *testing.T, q *azqueue.QueueClient, m *azqueue.EnqueuedMessage) error {
			if _, err := q.Delete(t.Context(), nil); err != nil {
				return err
			}
			return dequeue(nil, nil)(t, q, m)
		}, "409 QueueBeingDeleted"}, "404 QueueNotFound", "delete-queue3#remarks"},

		// Markup that is not escaped is removed.
		{queueCase{"put unescaped markup", func(t *testing.T, q *azqueue.QueueClient, m *azqueue.EnqueuedMessage) error {
			if err := rawMessage(http.MethodPost, "/messages", nil, strings.Replace(message, "hello", "a<b>c</b>", 1))(t, q, m); outcome(err) != "201" {
				return err
			}
			return fmt.Errorf("received %q", messageTexts(receiveMessages(t, q, 2, 30))[1:])
		}, `received ["ac"]`}, "400", "put-message#remarks"},

		{queueCase{"metadata with a name that is no identifier", func(t *testing.T, q *azqueue.QueueClient, _ *azqueue.EnqueuedMessage) error {
			_, err := q.SetMetadata(t.Context(), &azqueue.SetMetadataOptions{Metadata: map[string]*string{"a-b": to.Ptr("c")}})
			return err
		}, "400 InvalidMetadata"}, "done", "naming-queues-and-metadata#metadata-names"},

		// Where Azurite refuses with 400 and no code at all.
		{queueCase{"receive 0", dequeue(n(0), nil), "400 OutOfRangeQueryParameterValue"}, "400", "get-messages#remarks"},
		{queueCase{"peek at 0", peekAt(n(0)), "400 OutOfRangeQueryParameterValue"}, "400", "peek-messages#remarks"},
		{queueCase{"put with a life of less than -1", enqueue("a", nil, n(-2)), "400 InvalidQueryParameterValue"}, "400", "common-rest-api-error-codes"},
		{queueCase{"put what is no XML", rawMessage(http.MethodPost, "/messages", nil, "hello"), "400 InvalidXmlDocument"}, "400", "common-rest-api-error-codes"},
		{queueCase{"put half an XML", rawMessage(http.MethodPost, "/messages", nil, message[:20]), "400 InvalidXmlDocument"}, "400", "common-rest-api-error-codes"},
		{queueCase{"number that is none", rawMessage(http.MethodGet, "/messages", map[string]string{"numofmessages": "many"}, ""),
			"400 InvalidQueryParameterValue"}, "400", "common-rest-api-error-codes"},
		{queueCase{"timeout that is none", rawMessage(http.MethodGet, "/messages", map[string]string{"timeout": "soon"}, ""),
			"400 InvalidQueryParameterValue"}, "400", "common-rest-api-error-codes"},
		{queueCase{"another comp", rawMessage(http.MethodGet, "", map[string]string{"comp": "colour"}, ""),
			"400 InvalidQueryParameterValue"}, "400", "common-rest-api-error-codes"},
		{queueCase{"get a queue", rawMessage(http.MethodGet, "", nil, ""), "405 UnsupportedHttpVerb"}, "400", "common-rest-api-error-codes"},
		{queueCase{"get a message", rawMessage(http.MethodGet, "/messages/{id}", nil, ""), "405 UnsupportedHttpVerb"}, "400", "common-rest-api-error-codes"},
		{queueCase{"patch a queue", rawMessage(http.MethodPatch, "", nil, ""), "405 UnsupportedHttpVerb"}, "400", "common-rest-api-error-codes"},

		// Where Azurite does not look.
		{queueCase{"number with a fraction", rawMessage(http.MethodGet, "/messages", map[string]string{"numofmessages": "1.5"}, ""),
			"400 InvalidQueryParameterValue"}, "done", "get-messages#uri-parameters"},
		{queueCase{"peekonly is neither", rawMessage(http.MethodGet, "/messages", map[string]string{"peekonly": "maybe"}, ""),
			"400 InvalidQueryParameterValue"}, "done", "peek-messages"},
		{queueCase{"another path", rawMessage(http.MethodGet, "/letters", nil, ""), "400 InvalidUri"}, "done", "common-rest-api-error-codes"},
		{queueCase{"too long a path", rawMessage(http.MethodDelete, "/messages/{id}/text", map[string]string{"popreceipt": "{receipt}"}, ""),
			"400 InvalidUri"}, "204", "common-rest-api-error-codes"},
	} {
		t.Run(strings.ReplaceAll(d.name, " ", "-"), func(t *testing.T) {
			each(t, func(t *testing.T, c storage.Clients) {
				q := newQueue(t, c)
				want := d.want
				if onAzurite(t) {
					want = d.azurite
				}
				expect(t, d.name+" ("+queueDocs+d.page+")", d.call(t, q, putMessage(t, q, "old", nil)), want)
			})
		})
	}
}

// The next page begins with the first name that was not listed, in alphabetical order.
// Azurite begins it with what was made after the last queue of the page: the pages of
// queues that were made in another order never end, or lack some.
func TestQueueListAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		prefix := unique(t, "unordered")
		for _, tail := range []string{"-c", "-b", "-a"} {
			_, err := c.Queues.CreateQueue(t.Context(), prefix+tail, nil)
			expect(t, "create", err, "done")
		}
		pager := c.Queues.NewListQueuesPager(&azqueue.ListQueuesOptions{Prefix: &prefix, MaxResults: to.Ptr[int32](2)})
		var got []string
		for pager.More() && len(got) < 6 {
			page, err := pager.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range page.Queues {
				got = append(got, strings.TrimPrefix(*q.Name, prefix))
			}
		}
		want := "[-a -b -c]" // queueDocs + "list-queues1#remarks"
		if onAzurite(t) {
			want = "[-a -b -a -b -a -b]"
		}
		if fmt.Sprint(got) != want {
			t.Errorf("listed %v, want %v", got, want)
		}
	})
}

// List Queues' parameters.
func TestQueueListRefusals(t *testing.T) {
	each(t, func(t *testing.T, c storage.Clients) {
		list := func(change func(r *http.Request)) error {
			_, err := c.Queues.NewListQueuesPager(nil).NextPage(alter(t.Context(), change))
			return err
		}
		set := func(name, value string) func(r *http.Request) {
			return func(r *http.Request) {
				query := r.URL.Query()
				query.Set(name, value)
				r.URL.RawQuery = query.Encode()
			}
		}
		for _, r := range []struct{ name, value, want, azurite string }{
			{"maxresults", "0", "400 OutOfRangeQueryParameterValue", "400"},
			{"maxresults", "1", "done", "done"},
			{"maxresults", "5001", "done", "done"},
			{"include", "colour", "400 InvalidQueryParameterValue", "400"},
			{"comp", "colour", "400 InvalidQueryParameterValue", "400"},
		} {
			want := r.want
			if onAzurite(t) {
				want = r.azurite
			}
			expect(t, r.name+"="+r.value, list(set(r.name, r.value)), want)
		}
		_, err := c.Queues.GetStatistics(t.Context(), nil) // Only the secondary endpoint has them.
		expect(t, "statistics", err, "400 InvalidQueryParameterValue")
	})
}
