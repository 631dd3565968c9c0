// Package score has applications scored, sixteen at once.
//
// Right: a message takes ten seconds at most and the sixteen are handled side by side; the lease is forty.
package score

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"golang.org/x/sync/errgroup"
)

const (
	batch      = 16
	lease      = 40
	perMessage = 10 * time.Second
)

// Engine scores.
type Engine struct {
	queue  *azqueue.QueueClient
	scores *aztables.Client
	model  string
}

// NewEngine returns an Engine.
func NewEngine(queue *azqueue.QueueClient, scores *aztables.Client, model string) *Engine {
	return &Engine{queue: queue, scores: scores, model: model}
}

// Run scores until dequeuing fails.
func (e *Engine) Run(ctx context.Context) error {
	for {
		resp, err := e.queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(batch)), VisibilityTimeout: to.Ptr(int32(lease))})
		if err != nil {
			return err
		}
		var g errgroup.Group
		for _, m := range resp.Messages {
			g.Go(func() error { return e.one(ctx, m) })
		}
		if err := g.Wait(); err != nil {
			slog.Error("batch", "err", err)
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
		}
	}
}

func (e *Engine) one(ctx context.Context, m *azqueue.DequeuedMessage) error {
	work, cancel := context.WithTimeout(ctx, perMessage)
	defer cancel()
	var application struct{ ID, Bank, Features string }
	if err := json.Unmarshal([]byte(*m.MessageText), &application); err != nil {
		return fmt.Errorf("message %s (%d): %w", *m.MessageID, *m.DequeueCount, err)
	}
	result, err := e.ask(work, application.Features)
	if err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": application.Bank, "RowKey": application.ID, "Score": result})
	if err != nil {
		return err
	}
	if _, err := e.scores.AddEntity(work, row, nil); err != nil && !conflict(err) {
		return fmt.Errorf("add: %w", err)
	}
	_, err = e.queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func conflict(err error) bool {
	var re *azcore.ResponseError
	return errors.As(err, &re) && re.StatusCode == http.StatusConflict
}

func (e *Engine) ask(ctx context.Context, features string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.model+"/score?f="+url.QueryEscape(features), nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return string(raw), err
}
