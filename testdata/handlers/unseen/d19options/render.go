package consumer

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// Render has pages rendered by a service that puts each under the message's id.
func Render(ctx context.Context, queue *azqueue.QueueClient, service string) error {
	c := New(queue, func(ctx context.Context, id, text string) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, service+"/pages/"+id, strings.NewReader(text))
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req) // want `can outlast the lease.*\(visibility\)`
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode >= http.StatusBadRequest {
			return fmt.Errorf("render: %s", resp.Status)
		}
		return nil
	}, WithLimit(2*time.Minute))
	return c.Run(ctx)
}
