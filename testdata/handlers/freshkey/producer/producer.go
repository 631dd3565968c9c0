// Package producer holds both ends of a queue: Submit gives an order its id and puts
// it into the queue, Run takes it out and stores it.
//
// Right: the id is made before the order is in the queue, and travels in the
// message; to the worker it is the same on each delivery.
//
// Message: {"id":"5f0c","article":"tea"}
package producer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type order struct {
	ID      string `json:"id"`
	Article string `json:"article"`
}

// Shop takes and stores orders.
type Shop struct {
	Queue  *azqueue.QueueClient
	Orders *aztables.Client
}

// Submit takes an order and returns its id.
func (s *Shop) Submit(ctx context.Context, article string) (string, error) {
	o := order{ID: uuid.NewString(), Article: article}
	raw, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	if _, err := s.Queue.EnqueueMessage(ctx, string(raw), nil); err != nil {
		return "", fmt.Errorf("submit: %w", err)
	}
	return o.ID, nil
}

// Run stores orders until the queue fails.
func (s *Shop) Run(ctx context.Context) error {
	for {
		resp, err := s.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var o order
		if err := json.Unmarshal([]byte(*m.MessageText), &o); err != nil {
			return err
		}
		if err := s.store(ctx, o); err != nil {
			return fmt.Errorf("order %s: %w", o.ID, err)
		}
		if _, err := s.Queue.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
}

func (s *Shop) store(ctx context.Context, o order) error {
	raw, err := json.Marshal(map[string]string{"PartitionKey": "orders", "RowKey": o.ID, "Article": o.Article})
	if err != nil {
		return err
	}
	_, err = s.Orders.AddEntity(ctx, raw, nil)
	var re *azcore.ResponseError
	if errors.As(err, &re) && re.StatusCode == http.StatusConflict {
		return nil
	}
	return err
}
