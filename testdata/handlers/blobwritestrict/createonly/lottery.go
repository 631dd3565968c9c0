// Package lottery draws a winner for each raffle.
//
// Right even in strict mode although the draw is random: it is written only if
// there is no draw yet, and a draw that is there is the draw.
package lottery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type raffle struct {
	ID      string   `json:"id"`
	Tickets []string `json:"tickets"`
}

type draw struct {
	ID     string `json:"id"`
	Winner string `json:"winner"`
}

// Draw handles at most one raffle.
func Draw(ctx context.Context, raffles *azqueue.QueueClient, draws *azcosmos.ContainerClient) error {
	resp, err := raffles.DequeueMessage(ctx, nil)
	if err != nil || len(resp.Messages) == 0 {
		return err
	}
	m := resp.Messages[0]
	var r raffle
	if err := json.Unmarshal([]byte(*m.MessageText), &r); err != nil {
		return fmt.Errorf("lottery: %w", err)
	}
	if len(r.Tickets) == 0 {
		return fmt.Errorf("lottery: raffle %s without tickets", r.ID)
	}
	doc, err := json.Marshal(draw{ID: r.ID, Winner: r.Tickets[rand.IntN(len(r.Tickets))]})
	if err != nil {
		return fmt.Errorf("lottery: %w", err)
	}
	if _, err := draws.CreateItem(ctx, azcosmos.NewPartitionKeyString(r.ID), doc, nil); err != nil && !exists(err) {
		return fmt.Errorf("lottery: raffle %s: %w", r.ID, err)
	}
	if _, err := raffles.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil {
		return fmt.Errorf("lottery: raffle %s: %w", r.ID, err)
	}
	return nil
}

func exists(err error) bool {
	var re *azcore.ResponseError
	return errors.As(err, &re) && re.StatusCode == http.StatusConflict
}
