// Package lasterr publishes recipes: a page in a blob and a row for the list of recipes.
//
// Wrong: the second assignment to err wipes out the first before anybody looks. When the page's upload fails and the
// row's upsert does not, the message is deleted, and the list links to a page that does not exist.
//
// Message: {"recipe":"re-12","name":"Rösti","text":"Grate."}
package lasterr

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Publisher publishes.
type Publisher struct {
	Queue *azqueue.QueueClient
	Pages *container.Client
	List  *aztables.Client
}

// Publish publishes the next recipe.
func (p *Publisher) Publish(ctx context.Context) error {
	r, err := p.Queue.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	if err := p.recipe(ctx, *m.MessageText); err != nil {
		return fmt.Errorf("recipe %s: %w", *m.MessageID, err)
	}
	_, err = p.Queue.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil) // want `\(deleteonerror\)`
	return err
}

func (p *Publisher) recipe(ctx context.Context, text string) error {
	var x struct{ Recipe, Name, Text string }
	err := json.Unmarshal([]byte(text), &x)
	if err != nil {
		return err
	}
	row, err := json.Marshal(map[string]string{"PartitionKey": "recipes", "RowKey": x.Recipe, "Name": x.Name})
	if err != nil {
		return err
	}
	_, err = p.Pages.NewBlockBlobClient(x.Recipe+".html").UploadBuffer(ctx, []byte("<p>"+x.Text+"</p>"), nil)
	_, err = p.List.UpsertEntity(ctx, row, nil)
	return err
}
