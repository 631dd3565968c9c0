// Package surveys stores survey answers, all messages of a batch at once.
//
// Right: the goroutines only work; what each returned is gathered, and the ones that returned nil are deleted
// after the wait. The others stay for another delivery.
package surveys

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type result struct {
	msg *azqueue.DequeuedMessage
	err error
}

// group is errgroup for people who count lines of go.sum.
type group struct {
	wg  sync.WaitGroup
	sem chan struct{}
}

func (g *group) Go(f func()) {
	g.sem <- struct{}{}
	g.wg.Add(1)
	go func() {
		defer func() {
			<-g.sem
			g.wg.Done()
		}()
		f()
	}()
}

// Batch stores what one receive returns and reports everything that went wrong.
func Batch(ctx context.Context, q *azqueue.QueueClient, answers *container.Client) error {
	in, err := q.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{
		NumberOfMessages:  to.Ptr(int32(12)),
		VisibilityTimeout: to.Ptr(int32(180)),
	})
	if err != nil {
		return err
	}
	results := make([]result, len(in.Messages))
	g := group{sem: make(chan struct{}, 6)}
	for i, m := range in.Messages {
		g.Go(func() { results[i] = result{m, store(ctx, answers, m)} })
	}
	g.wg.Wait()

	var failed []error
	for _, r := range results {
		if r.err != nil {
			failed = append(failed, fmt.Errorf("%s (delivery %d): %w", *r.msg.MessageID, *r.msg.DequeueCount, r.err))
			continue
		}
		if _, err := q.DeleteMessage(ctx, *r.msg.MessageID, *r.msg.PopReceipt, nil); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func store(ctx context.Context, answers *container.Client, m *azqueue.DequeuedMessage) error {
	survey, answer, ok := strings.Cut(*m.MessageText, "\n")
	if !ok {
		return errors.New("no answer")
	}
	_, err := answers.NewBlockBlobClient(survey+"/"+*m.MessageID).UploadBuffer(ctx, []byte(answer), nil)
	return err
}
