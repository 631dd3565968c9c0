// Package busmodehelper passes tenants' settings from a topic to the configuration service.
//
// Wrong: options() chooses ReceiveAndDelete for every subscription ("fewer round trips"); when the PUT fails, or
// the process dies before it, the setting is gone and the tenant keeps the old one.
//
// Message: {"tenant":"t-1","revision":7,"theme":"dark"}
package busmodehelper

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
)

// Relay passes settings on.
type Relay struct {
	Bus  *azservicebus.Client
	HTTP *http.Client
	Base string

	in *azservicebus.Receiver
}

func options(fast bool) *azservicebus.ReceiverOptions {
	o := &azservicebus.ReceiverOptions{}
	if fast {
		o.ReceiveMode = azservicebus.ReceiveModeReceiveAndDelete
	}
	return o
}

// Open subscribes.
func (r *Relay) Open(topic, subscription string) (err error) {
	r.in, err = r.Bus.NewReceiverForSubscription(topic, subscription, options(true))
	return err
}

// Step passes one round of settings on.
func (r *Relay) Step(ctx context.Context) error {
	msgs, err := r.in.ReceiveMessages(ctx, 10, nil) // miss `\(earlydelete\)`
	if err != nil {
		return err
	}
	for _, m := range msgs {
		if err := r.put(ctx, m.Body); err != nil {
			return fmt.Errorf("setting %s: %w", m.MessageID, err)
		}
	}
	return nil
}

func (r *Relay) put(ctx context.Context, body []byte) error {
	var s struct {
		Tenant   string `json:"tenant"`
		Revision int    `json:"revision"`
	}
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	url := fmt.Sprintf("%s/tenants/%s/settings/%d", r.Base, s.Tenant, s.Revision)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := r.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("put %s: %s", url, resp.Status)
	}
	return nil
}
