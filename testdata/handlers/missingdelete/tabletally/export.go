package votes

import (
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// NewCounter counts ballots in the rows of polls.
func NewCounter(ballots *azqueue.QueueClient, polls *aztables.Client) *Counter {
	return &Counter{ballots: ballots, polls: polls}
}
