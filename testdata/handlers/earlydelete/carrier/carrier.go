// Package carrier announces parcels to a carrier's web service.
//
// Wrong: the message is deleted as soon as it is parsed. A crash between the delete and the PUT, or one 503
// from the carrier, and nobody ever announces the parcel.
//
// Message: {"parcel":"p-17","grams":1200,"to":"Bern"}
package carrier

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

// Dispatcher takes parcels from the queue to the carrier.
type Dispatcher struct {
	Parcels *azqueue.QueueClient
	HTTP    *http.Client
	Carrier string // base URL
}

type parcel struct {
	Parcel string `json:"parcel"`
	Grams  int    `json:"grams"`
	To     string `json:"to"`
}

// Next announces at most one parcel.
func (d *Dispatcher) Next(ctx context.Context) error {
	got, err := d.Parcels.DequeueMessage(ctx, &azqueue.DequeueMessageOptions{VisibilityTimeout: to.Ptr(int32(60))})
	if err != nil {
		return fmt.Errorf("dequeue: %w", err)
	}
	for _, m := range got.Messages {
		var p parcel
		if err := json.Unmarshal([]byte(*m.MessageText), &p); err != nil {
			return fmt.Errorf("parcel message %s: %w", *m.MessageID, err)
		}
		if _, err := d.Parcels.DeleteMessage(ctx, *m.MessageID, *m.PopReceipt, nil); err != nil { // want `\(earlydelete\)`
			return fmt.Errorf("delete %s: %w", *m.MessageID, err)
		}
		if err := d.announce(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dispatcher) announce(ctx context.Context, p parcel) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	body := fmt.Sprintf(`{"grams":%d,"destination":%q}`, p.Grams, p.To)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, d.Carrier+"/parcels/"+p.Parcel, strings.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := d.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("announce %s: %w", p.Parcel, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("announce %s: %s", p.Parcel, resp.Status)
	}
	return nil
}
