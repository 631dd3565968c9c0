// Package scoring has loans scored by a model server. Process gives each item three minutes, the lease ends after 90 s.
package scoring

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

const perItem = 3 * time.Minute

// Process decodes the next message into T and gives it to work.
func Process[T any](ctx context.Context, q *azqueue.QueueClient, work func(context.Context, string, T) error) error {
	rs, err := q.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(90))})
	if err != nil {
		return err
	}
	for _, m := range rs.Messages {
		var item T
		if err := json.Unmarshal([]byte(*m.MessageText), &item); err != nil {
			return fmt.Errorf("decode %s: %w", *m.MessageID, err)
		}
		limited, cancel := context.WithTimeout(ctx, perItem)
		err := work(limited, *m.MessageID, item)
		cancel()
		if err != nil {
			return fmt.Errorf("delivery %d: %w", *m.DequeueCount, err)
		}
		if _, err := q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return nil
}

// Loan is what the model scores.
type Loan struct {
	Applicant string
	Amount    int64
}

// ScoreLoans is called by the scheduler.
func ScoreLoans(ctx context.Context, q *azqueue.QueueClient, model string) error {
	return Process(ctx, q, func(ctx context.Context, id string, l Loan) error {
		return score(ctx, model, id, l)
	})
}

func score(ctx context.Context, model, id string, l Loan) error {
	body := strings.NewReader(fmt.Sprintf(`{"applicant":%q,"amount":%d}`, l.Applicant, l.Amount))
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, model+"/scores/"+id, body)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req) // want `can outlast the lease.*\(visibility\)`
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
