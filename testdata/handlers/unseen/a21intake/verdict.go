package intake

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

type verdict int

const (
	accepted verdict = iota
	duplicate
	transient
	rejected
)

func (v verdict) String() string {
	return [...]string{"accepted", "duplicate", "transient", "rejected"}[v]
}

type settler func(ctx context.Context, rcv *azservicebus.Receiver, msg *azservicebus.ReceivedMessage, cause error) error

var settlers = map[verdict]settler{
	accepted:  complete,
	duplicate: complete,
	transient: func(ctx context.Context, rcv *azservicebus.Receiver, msg *azservicebus.ReceivedMessage, _ error) error {
		return rcv.AbandonMessage(ctx, msg, nil)
	},
	rejected: func(ctx context.Context, rcv *azservicebus.Receiver, msg *azservicebus.ReceivedMessage, cause error) error {
		return rcv.DeadLetterMessage(ctx, msg, &azservicebus.DeadLetterOptions{
			Reason:           to.Ptr("Rejected"),
			ErrorDescription: to.Ptr(cause.Error()),
		})
	},
}

func complete(ctx context.Context, rcv *azservicebus.Receiver, msg *azservicebus.ReceivedMessage, _ error) error {
	return rcv.CompleteMessage(ctx, msg, nil)
}
