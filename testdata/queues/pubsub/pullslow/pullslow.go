// Package pullslow pulls a hundred messages with the generated client, which extends no
// deadline, and calls a slow service for one after another.
package pullslow

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	pubsub "cloud.google.com/go/pubsub/apiv1"
	"cloud.google.com/go/pubsub/apiv1/pubsubpb"
)

var scorer = &http.Client{Timeout: 30 * time.Second}

// Drain handles one batch.
func Drain(ctx context.Context, client *pubsub.SubscriberClient, subscription, url string) error {
	res, err := client.Pull(ctx, &pubsubpb.PullRequest{Subscription: subscription, MaxMessages: 100})
	if err != nil {
		return err
	}
	for _, rm := range res.ReceivedMessages {
		if err := score(ctx, url, rm.Message); err != nil {
			return fmt.Errorf("message %s: %w", rm.Message.MessageId, err)
		}
		err := client.Acknowledge(ctx, &pubsubpb.AcknowledgeRequest{
			Subscription: subscription,
			AckIds:       []string{rm.AckId},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func score(ctx context.Context, url string, m *pubsubpb.PubsubMessage) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url+"/"+m.MessageId, bytes.NewReader(m.Data))
	if err != nil {
		return err
	}
	resp, err := scorer.Do(req) // want `the work can outlast the lease.*\(visibility\)`
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("scorer: %s", resp.Status)
	}
	return nil
}
