package contracts

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/idemlint/idemlint/testdata/handlers/missingdelete/inhousequeue/mq"
)

// NewArchiverOn archives what comes by a queue that is open already.
func NewArchiverOn(queue *mq.Queue, blobs *azblob.Client) *Archiver {
	return &Archiver{queue: queue, blobs: blobs}
}
