// Package twins stores survey answers; impatient browsers send the same answer several times.
//
// Right: messages of one batch with the same text are one answer. The twins are deleted without work of their own,
// but only after the answer's row is written.
//
// Message: {"survey":"su-1","person":"pe-5","answer":"yes"}
package twins

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Answers stores answers.
type Answers struct {
	Queue *azqueue.QueueClient
	Table *aztables.Client
}

// Round handles up to 32 messages.
func (a *Answers) Round(ctx context.Context) error {
	r, err := a.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages: to.Ptr(int32(32)), VisibilityTimeout: to.Ptr(int32(300)),
	})
	if err != nil {
		return err
	}
	stored := make(map[string]bool, len(r.Messages))
	var errs []error
	for _, m := range r.Messages {
		if stored[*m.MessageText] {
			errs = append(errs, a.remove(ctx, m)) // a twin: its answer is in the table
			continue
		}
		if err := a.store(ctx, *m.MessageText); err != nil {
			errs = append(errs, fmt.Errorf("answer %s: %w", *m.MessageID, err))
			continue
		}
		stored[*m.MessageText] = true
		errs = append(errs, a.remove(ctx, m))
	}
	return errors.Join(errs...)
}

func (a *Answers) store(ctx context.Context, text string) error {
	var x struct{ Survey, Person, Answer string }
	if err := json.Unmarshal([]byte(text), &x); err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": x.Survey, "RowKey": x.Person + "." + x.Answer})
	if err != nil {
		return err
	}
	_, err = a.Table.UpsertEntity(ctx, row, nil)
	return err
}

func (a *Answers) remove(ctx context.Context, m *azqueue.DequeuedMessage) error {
	_, err := a.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}
