package dispatch

import (
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// NewDispatcherOn works on clients that are there already.
func NewDispatcherOn(in *azqueue.QueueClient, express, standard *aztables.Client) *Dispatcher {
	return &Dispatcher{in: in, express: express, standard: standard}
}
