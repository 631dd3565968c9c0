package sideeffect

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{
	Name:    "sideeffect",
	Summary: "an effect that a redelivery makes a second time",
	Reports: `What is done in a window, made of the message, and done again when the message comes again: an HTTP POST or PATCH, a payment, a mail, a text message, a row inserted without a conflict clause, rows loaded by COPY, a document or record inserted without an id. Nothing goes with it by which the other side could tell the second from the first, and nothing in the window looks whether it was done before.

The text of an SQL statement is read where it is constant, put together of constants, or a format. The finding stands at the call, or at the call in this package that leads there.`,
	Silent: `Requests that carry an identity: a header Idempotency-Key (or one that is called after a request, message, event or delivery id and holds something of the message), a provider's field for it, a field of the body called id, event id, request id and so on that holds something of the message. Where that identity changes with each attempt, freshkey says so.

GET, PUT and DELETE. Requests whose address says that they ask: search, token, login, validate, predict and the like; that they log, trace or measure.

Inserts with a conflict clause (ON CONFLICT, ON DUPLICATE KEY, INSERT IGNORE, NOT EXISTS, MERGE). Inserts whose key comes from the message: the column id, the table's own id (order_id in orders), a column that is called after a message, event, request or job. A second one fails there; rows that only link ids count as having a key. Inserts where a part of the text that could hold a conflict clause is not known. Tables of logs, runs and attempts.

Effects that hang on a mark of the message: a record looked up under a key of the message where the answer decides, or where a field or a table is called after what was done (status, sent, processed), or where the window changes the field that it looked at. Marks in the memory of the process do not count: they are lost in the crash. Effects that come after a create which only one delivery can make, or that stand in one transaction with it.

What is done only when something failed, or only after several deliveries: alerts. Windows that settle before they work. Messages sent on to another queue: forwarding twice is what at-least-once means, and the next consumer is judged by itself.`,
	Before: `
func confirm(ctx context.Context, queue *azqueue.QueueClient, client *http.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://ship.example/v1/parcels", bytes.NewReader([]byte(*msg.MessageText)))
	if err != nil {
		return err
	}
	answer, err := client.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("carrier: %s", answer.Status)
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	After: `
func confirm(ctx context.Context, queue *azqueue.QueueClient, client *http.Client) error {
	resp, err := queue.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	msg := resp.Messages[0]
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://ship.example/v1/parcels", bytes.NewReader([]byte(*msg.MessageText)))
	if err != nil {
		return err
	}
	req.Header.Set("Idempotency-Key", *msg.MessageID)
	answer, err := client.Do(req)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		return fmt.Errorf("carrier: %s", answer.Status)
	}
	_, err = queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil)
	return err
}
`,
	Schedule: []string{
		"steps 1–5: worker 1 sends GET (A), the queue hides the message and answers (B)",
		"step 6: worker 1 sends the POST, a parcel is ordered",
		"step 7: DELETE is lost (C), or worker 1 crashes before it",
		"the lease ends; the queue shows the message again",
		"steps 1–6: worker 2 gets the message and sends the POST: two parcels are ordered",
	},
	Mend: `Send an identity made of the message, and let the other side tell the second request from the first: an Idempotency-Key, the provider's own field, an id in the body that is unique there.

In a database: a row whose primary key is the message's id, INSERT … ON CONFLICT DO NOTHING; or a row with the message's id in the same transaction as the effect, looked at first.

Where the other side knows no identity (a mail), keep a mark in a store that survives a crash, written when it is done and looked at first. Between the two a crash can still send it twice; written first, a crash can lose it. Say which of the two you want: //idemlint:at-most-once with a reason on a handler that marks first.`,
	Sources: []string{
		"The Idempotency-Key header: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/",
		"Idempotent requests: https://docs.stripe.com/api/idempotent_requests",
		"INSERT … ON CONFLICT: https://www.postgresql.org/docs/current/sql-insert.html#SQL-ON-CONFLICT",
		"INSERT … ON DUPLICATE KEY UPDATE: https://dev.mysql.com/doc/refman/8.4/en/insert-on-duplicate.html",
	},
}
