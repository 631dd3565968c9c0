package satellite

import (
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// New returns a station with its disk mounted there.
func New(passes *azqueue.QueueClient, blobs *azblob.Client, disk string) *Station {
	return &Station{passes: passes, blobs: blobs, disk: disk}
}
