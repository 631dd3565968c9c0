// Package deferred deletes by a defer, whose arguments are evaluated where it stands.
//
// Wrong: the renewal that comes later keeps the new receipt in the message, too late for
// the deferred call.
package deferred

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Mail sends letters.
type Mail interface {
	Send(ctx context.Context, text string) error
}

// Deliver delivers one letter, at most once.
//
//idemlint:at-most-once a letter that is lost is written again
func Deliver(ctx context.Context, q *azqueue.QueueClient, mail Mail, m *azqueue.DequeuedMessage) {
	defer q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `receipt used after a renewal replaced it.*\(stalereceipt\)`
	up, err := q.UpdateMessage(ctx, *m.MessageID, *m.PopReceipt, *m.MessageText,
		&azqueue.UpdateMessageOptions{VisibilityTimeout: to.Ptr(int32(240))})
	if err != nil {
		log.Print(err)
		return
	}
	m.PopReceipt = up.PopReceipt
	if err := mail.Send(ctx, *m.MessageText); err != nil {
		log.Print(err)
	}
}
