// Package pullextend pulls one message at a time and extends its deadline while it works:
// right.
package pullextend

import (
	"context"
	"fmt"
	"log"
	"os/exec"
	"time"

	pubsub "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

type Encoder struct {
	client       *pubsub.SubscriptionAdminClient
	subscription string
}

func (e *Encoder) Once(ctx context.Context) error {
	res, err := e.client.Pull(ctx, &pubsubpb.PullRequest{Subscription: e.subscription, MaxMessages: 1})
	if err != nil || len(res.GetReceivedMessages()) == 0 {
		return err
	}
	m := res.ReceivedMessages[0]
	work, cancel := context.WithCancel(ctx)
	defer cancel()
	go e.extend(work, cancel, m.AckId)

	video := m.Message.Attributes["video"]
	if out, err := exec.CommandContext(work, "ffmpeg", "-i", video, video+".webm").CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", video, err, out)
	}
	return e.client.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{Subscription: e.subscription, AckIds: []string{m.AckId}})
}

func (e *Encoder) extend(ctx context.Context, lost context.CancelFunc, ackID string) {
	tick := time.NewTicker(20 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			err := e.client.ModifyAckDeadline(ctx, &pubsubpb.ModifyAckDeadlineRequest{
				Subscription: e.subscription, AckIds: []string{ackID}, AckDeadlineSeconds: 60,
			})
			if err != nil {
				log.Print(err)
				lost()
				return
			}
		}
	}
}
