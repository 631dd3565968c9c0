// Package ballots counts the votes of a poll in one blob.
//
// Right although the tally grows: each ballot is a key of a map, the tally is
// counted from the map each time, and putting the same ballot into the map a
// second time changes neither.
//
// Message: {"poll":"logo","ballot":"v-1","choice":"red"}
// Before: blob polls/logo contains {"ballots":{},"tally":{}}
package ballots

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

type vote struct {
	Poll   string `json:"poll"`
	Ballot string `json:"ballot"`
	Choice string `json:"choice"`
}

type poll struct {
	Ballots map[string]string `json:"ballots"`
	Tally   map[string]int    `json:"tally"`
}

func (p *poll) cast(v vote) {
	p.Ballots[v.Ballot] = v.Choice
	p.Tally = map[string]int{}
	for _, choice := range p.Ballots {
		p.Tally[choice]++
	}
}

// Office counts votes.
type Office struct {
	Votes *azqueue.QueueClient
	Polls *container.Client
}

// Open counts until ctx ends.
func (o *Office) Open(ctx context.Context) error {
	for ctx.Err() == nil {
		resp, err := o.Votes.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
		if err != nil {
			return err
		}
		if len(resp.Messages) == 0 {
			time.Sleep(time.Second)
			continue
		}
		m := resp.Messages[0]
		var v vote
		if err := json.Unmarshal([]byte(*m.MessageText), &v); err != nil {
			return fmt.Errorf("message %s: %w", *m.MessageID, err)
		}
		if err := o.count(ctx, v); err != nil {
			return fmt.Errorf("ballot %s: %w", v.Ballot, err)
		}
		if _, err := o.Votes.DeleteMessage(context.WithoutCancel(ctx), *m.MessageID, *m.PopReceipt, nil); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (o *Office) count(ctx context.Context, v vote) error {
	b := o.Polls.NewBlockBlobClient(v.Poll)
	got, err := b.DownloadStream(ctx, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	p := poll{Ballots: map[string]string{}}
	if err := json.NewDecoder(got.Body).Decode(&p); err != nil {
		return err
	}
	p.cast(v)
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = b.UploadBuffer(ctx, raw, &blockblob.UploadBufferOptions{
		AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfMatch: got.ETag}},
	})
	return err
}
