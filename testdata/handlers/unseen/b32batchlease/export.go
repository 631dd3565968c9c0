package batchlease

import (
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// With is New for those who bring their own client.
func With(queue *azqueue.QueueClient, results *container.Client, service string, client *http.Client) *Checker {
	return &Checker{queue: queue, results: results, service: service, http: client}
}
