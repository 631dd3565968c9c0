// Package votes keeps who voted for what, one row a poll.
//
// Right: a row that is not there is added (which succeeds once), one that is
// there is replaced under its ETag; a conflict of either kind starts again from
// the read. A voter's second delivery finds the vote already counted.
package votes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type vote struct {
	Poll, Voter, Choice string
}

type poll struct {
	PartitionKey, RowKey string
	Votes                string
}

// Count counts one vote at most.
func Count(ctx context.Context, q *azqueue.QueueClient, polls *aztables.Client) error {
	resp, err := q.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var v vote
	if err := json.Unmarshal([]byte(*m.MessageText), &v); err != nil {
		return fmt.Errorf("vote %s: %w", *m.MessageID, err)
	}
	for {
		err := enter(ctx, polls, v)
		if status(err) == http.StatusConflict || status(err) == http.StatusPreconditionFailed {
			slog.Debug("vote met another one", "poll", v.Poll)
			continue
		}
		if err != nil {
			return fmt.Errorf("vote %s: %w", *m.MessageID, err)
		}
		break
	}
	_, err = q.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	return err
}

func status(err error) int {
	var re *azcore.ResponseError
	if errors.As(err, &re) {
		return re.StatusCode
	}
	return 0
}

func enter(ctx context.Context, polls *aztables.Client, v vote) error {
	p := poll{PartitionKey: "polls", RowKey: v.Poll, Votes: "{}"}
	row, err := polls.GetEntity(ctx, p.PartitionKey, p.RowKey, nil)
	exists := err == nil
	switch {
	case exists:
		if err := json.Unmarshal(row.Value, &p); err != nil {
			return err
		}
	case status(err) != http.StatusNotFound:
		return err
	}
	var votes map[string]string
	if err := json.Unmarshal([]byte(p.Votes), &votes); err != nil {
		return err
	}
	if votes[v.Voter] == v.Choice {
		return nil
	}
	votes[v.Voter] = v.Choice
	text, err := json.Marshal(votes)
	if err != nil {
		return err
	}
	p.Votes = string(text)
	data, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if !exists {
		_, err = polls.AddEntity(ctx, data, nil)
		return err
	}
	_, err = polls.UpdateEntity(ctx, data, &aztables.UpdateEntityOptions{IfMatch: &row.ETag, UpdateMode: aztables.UpdateModeReplace})
	return err
}
