// Package kinds keeps a search index: documents are put, aliases are set, reindexing is slow.
//
// Wrong in one arm: "reindex" deletes its message first because it takes long; a crash during the PUT to the
// search service and the reindexing never happens. The other two arms are right.
//
// Message: {"kind":"reindex","index":"books","body":"{}"}
package kinds

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

type command struct {
	Kind  string `json:"kind"`
	Index string `json:"index"`
	Body  string `json:"body"`
}

// Indexer executes commands.
type Indexer struct {
	Commands *azqueue.QueueClient
	HTTP     *http.Client
	Search   string
}

// Execute executes one command.
func (x *Indexer) Execute(ctx context.Context) error {
	r, err := x.Commands.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil || len(r.Messages) == 0 {
		return err
	}
	m := r.Messages[0]
	var c command
	if err := json.Unmarshal([]byte(*m.MessageText), &c); err != nil {
		return fmt.Errorf("command %s: %w", *m.MessageID, err)
	}
	switch c.Kind {
	case "put":
		if err := x.put(ctx, "/documents/"+*m.MessageID, c.Body, 5*time.Second); err != nil {
			return err
		}
		_, err = x.Commands.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	case "alias":
		if err := x.put(ctx, "/aliases/"+c.Index+"/"+c.Body, "", 5*time.Second); err != nil {
			return err
		}
		_, err = x.Commands.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil)
	case "reindex":
		if _, err := x.Commands.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(earlydelete\)`
			return err
		}
		err = x.put(ctx, "/reindex/"+c.Index, c.Body, 10*time.Minute)
	default:
		return fmt.Errorf("command %s: unknown kind %q", *m.MessageID, c.Kind)
	}
	return err
}

func (x *Indexer) put(ctx context.Context, path, body string, atMost time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, x.Search+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := x.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("search: %s %s", path, resp.Status)
	}
	return nil
}
