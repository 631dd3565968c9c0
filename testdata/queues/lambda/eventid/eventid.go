// Package eventid tells the event bus that an order was shipped. The event's id is made up
// when it is told, so that who listens cannot know the second telling for the first.
package eventid

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/uuid"
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
		detail, err := json.Marshal(shipped{EventID: uuid.NewString(), Order: r.SNS.Message})
		if err != nil {
			return err
		}
		out, err := t.bus.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{ // want `the identity.*changes with each attempt.*\(freshkey\)`
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
