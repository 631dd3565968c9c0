package webhooks

import (
	"io"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
)

// NewServer works on these clients; Run closes closer in the end.
func NewServer(inbox, poison *azqueue.QueueClient, blobs *azblob.Client, closer io.Closer) *Server {
	return &Server{inbox: inbox, poison: poison, blobs: blobs, closer: closer}
}
