// Package workerdeletes grades exams in a pool.
//
// Right: the receiver only hands on; the delete is the worker's, after the grade is stored. The channel holds
// nothing, so that a message waits for a free worker and not in memory.
//
// Message: {"exam":"ex-31","points":27}
package workerdeletes

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Grader grades.
type Grader struct {
	Exams  *azqueue.QueueClient
	Grades *aztables.Client
}

// Run grades with n workers until the queue is empty.
func (g *Grader) Run(ctx context.Context, n int) error {
	exams := make(chan *azqueue.DequeuedMessage)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { g.work(ctx, exams) })
	}
	defer wg.Wait()
	defer close(exams)
	for {
		r, err := g.Exams.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(180))})
		if err != nil {
			return fmt.Errorf("exams: %w", err)
		}
		if len(r.Messages) == 0 {
			return nil
		}
		select {
		case exams <- r.Messages[0]:
		case <-ctx.Done():
			return ctx.Err() // comes back when its lease is over
		}
	}
}

func (g *Grader) work(ctx context.Context, exams <-chan *azqueue.DequeuedMessage) {
	for m := range exams {
		if err := g.grade(ctx, *m.MessageText); err != nil {
			log.Printf("exam %s, delivery %d: %v", *m.MessageID, *m.DequeueCount, err)
			continue
		}
		if _, err := g.Exams.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			log.Printf("exam %s will be graded again: %v", *m.MessageID, err)
		}
	}
}

func (g *Grader) grade(ctx context.Context, text string) error {
	var e struct {
		Exam   string `json:"exam"`
		Points int    `json:"points"`
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return err
	}
	grade := min(6, 1+e.Points/6)
	row, err := json.Marshal(map[string]any{"PartitionKey": "exams", "RowKey": e.Exam, "Grade": grade})
	if err != nil {
		return err
	}
	_, err = g.Grades.UpsertEntity(ctx, row, nil)
	return err
}
