// Package telemetry samples client telemetry.
//
// Right: the receiver deletes on receive, so there is nothing to settle; that samples can be lost is meant and said.
package telemetry

import (
	"context"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

// Sample stores every tenth sample and ends when receiving fails.
//
//idemlint:at-most-once a lost sample changes no statistics
func Sample(ctx context.Context, bus *azservicebus.Client, blobs *azblob.Client) error {
	rcv, err := bus.NewReceiverForQueue("telemetry", &azservicebus.ReceiverOptions{
		ReceiveMode: azservicebus.ReceiveModeReceiveAndDelete,
	})
	if err != nil {
		return err
	}
	defer rcv.Close(context.WithoutCancel(ctx))
	for n := 0; ; n++ {
		samples, err := rcv.ReceiveMessages(ctx, 1, nil)
		if err != nil {
			return err
		}
		if n%10 != 0 {
			continue
		}
		for _, s := range samples {
			if _, err := blobs.UploadBuffer(ctx, "samples", s.MessageID, s.Body, nil); err != nil {
				log.Printf("telemetry: sample %s: %v", s.MessageID, err)
			}
		}
	}
}
