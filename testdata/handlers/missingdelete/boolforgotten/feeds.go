// Package feeds publishes partner feeds; muted partners are dropped.
package feeds

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type feed struct {
	Partner string   `xml:"partner"`
	Items   []string `xml:"item"`
}

// Publisher has a list of partners that want nothing.
type Publisher struct {
	Queue     *azqueue.QueueClient
	Site      *azblob.Client
	Muted     map[string]bool
	Trace     io.Writer
	published int
}

// Poll is one round.
func (p *Publisher) Poll(ctx context.Context) error {
	rsp, err := p.Queue.DequeueMessages(ctx, &azqueue.DequeueMessagesOptions{NumberOfMessages: to.Ptr(int32(4)), VisibilityTimeout: to.Ptr(int32(240))})
	if err != nil {
		return err
	}
	if len(rsp.Messages) == 0 {
		time.Sleep(10 * time.Second)
	}
	for i := range rsp.Messages {
		msg := rsp.Messages[i]
		published, err := p.publish(ctx, *msg.MessageID, *msg.MessageText)
		if err != nil {
			fmt.Fprintf(p.Trace, "%s: %v\n", *msg.MessageID, err)
			continue
		}
		if published {
			p.published++
			continue // want `work succeeded.*unsettled.*\(missingdelete\)`
		}
		if _, err := p.Queue.DeleteMessage(ctx, *msg.MessageID, *msg.PopReceipt, nil); err != nil {
			fmt.Fprintf(p.Trace, "%s: muted, but not deleted: %v\n", *msg.MessageID, err)
		}
	}
	return nil
}

// publish says whether it put the feed on the site.
func (p *Publisher) publish(ctx context.Context, id, body string) (bool, error) {
	var f feed
	if err := xml.Unmarshal([]byte(body), &f); err != nil {
		return false, fmt.Errorf("not a feed: %w", err)
	}
	if p.Muted[f.Partner] {
		return false, nil
	}
	page, err := xml.MarshalIndent(f, "", "  ")
	if err != nil {
		return false, err
	}
	if _, err := p.Site.UploadBuffer(ctx, "feeds", f.Partner+"/"+id+".xml", page, nil); err != nil {
		return false, err
	}
	return true, nil
}
