// Package eventsame tells the event bus that an order was shipped. The event has the id of the
// message that asked for it: who listens knows the second telling for the first.
package eventsame

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

type shipped struct {
	EventID string `json:"eventId"`
	Order   string `json:"order"`
}

type Teller struct {
	bus  *eventbridge.Client
	name string
}

func (t *Teller) Handle(ctx context.Context, event events.SNSEvent) error {
	for _, r := range event.Records {
		detail, err := json.Marshal(shipped{EventID: r.SNS.MessageID, Order: r.SNS.Message})
		if err != nil {
			return err
		}
		out, err := t.bus.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
			EventBusName: aws.String(t.name),
			Source:       aws.String("shop.shipping"),
			DetailType:   aws.String("shipped"),
			Detail:       aws.String(string(detail)),
		}}})
		if err != nil {
			return err
		}
		if out.FailedEntryCount > 0 {
			return fmt.Errorf("not told: %s", aws.ToString(out.Entries[0].ErrorMessage))
		}
	}
	return nil
}
