// Package parallel works on ten messages at once, each in a goroutine of its own; none may
// take more than twenty seconds, and the lease is one minute.
package parallel

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"golang.org/x/sync/errgroup"
)

type Checker struct {
	SQS   *sqs.Client
	Queue string
}

func (c *Checker) Run(ctx context.Context) error {
	for {
		out, err := c.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &c.Queue, MaxNumberOfMessages: 10, VisibilityTimeout: 60, WaitTimeSeconds: 20})
		if err != nil {
			return err
		}
		var g errgroup.Group
		g.SetLimit(10)
		for _, m := range out.Messages {
			g.Go(func() error {
				ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
				defer cancel()
				if err := c.check(ctx, m); err != nil {
					log.Printf("check %s: %v", *m.Body, err)
				}
				return nil
			})
		}
		g.Wait()
	}
}

func (c *Checker) check(ctx context.Context, m types.Message) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, *m.Body, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode >= 500 {
		return fmt.Errorf("server answered %s", resp.Status)
	}
	_, err = c.SQS.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &c.Queue, ReceiptHandle: m.ReceiptHandle})
	return err
}
