package reminders

import (
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// NewDesk goes by the system's clock.
func NewDesk(q *azqueue.QueueClient, due *aztables.Client) *Desk {
	return &Desk{q: q, due: due, clock: systemClock{}}
}
