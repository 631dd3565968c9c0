package search

import "github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

// New returns an indexer for the index there.
func New(docs *azqueue.QueueClient, url string) *Indexer {
	return &Indexer{docs: docs, url: url}
}
