package storage

import (
	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	azblob "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
)

// Clients are the official clients of one account.
type Clients struct {
	Queues *azqueue.ServiceClient
	Blobs  *azblob.Client
	Tables *aztables.ServiceClient
}

// Dial makes clients whose requests go through via, an Account or what stands before
// one. Their retry policy is retry as it is: its zero value is the SDK's default of
// three retries, MaxRetries: -1 is none.
func (a *Account) Dial(via policy.Transporter, retry policy.RetryOptions) (Clients, error) {
	options := azcore.ClientOptions{Transport: via, Retry: retry}
	queues, err := azqueue.NewServiceClientWithNoCredential(a.QueueURL(""), &azqueue.ClientOptions{ClientOptions: options})
	if err != nil {
		return Clients{}, err
	}
	blobs, err := azblob.NewClientWithNoCredential(a.BlobURL(""), &azblob.ClientOptions{ClientOptions: options})
	if err != nil {
		return Clients{}, err
	}
	tables, err := aztables.NewServiceClientWithNoCredential(a.TableURL(""), &aztables.ClientOptions{ClientOptions: options})
	if err != nil {
		return Clients{}, err
	}
	return Clients{Queues: queues, Blobs: blobs, Tables: tables}, nil
}
