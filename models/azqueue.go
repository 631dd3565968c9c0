package models

import "time"

// Azure Queue Storage, in both major versions of its module, which differ only in
// their import path (and in the width of an approximate count).
//
// Facts that matter:
//   - A message dequeued stays hidden for VisibilityTimeout seconds (at least 1), 30
//     unless said: the service's default, since the SDK then sends none. The comment on
//     DequeueMessageOptions that says 0 is wrong.
//   - UpdateMessage always replaces the text and the pop receipt; the old receipt then
//     gives 404 MessageNotFound (the documentation, and the service as users report it;
//     Azurite says 400 PopReceiptMismatch). Without VisibilityTimeout the SDK sends 0,
//     and the message is visible at once: a nack in effect.
//   - The queue counts deliveries (DequeueCount) but has no dead-letter queue of its own.
//   - azcore retries an EnqueueMessage whose answer was lost: two messages, no error.
var azqueueModel = Model{
	Name:     "Azure Queue Storage",
	Packages: []string{azqueueV1, azqueueV2},
	Calls:    concat(azqueueCalls(azqueueV1), azqueueCalls(azqueueV2)),
	Messages: []Message{azqueueMessage(azqueueV1), azqueueMessage(azqueueV2)},
}

const (
	azqueueV1     = azureSDK + "storage/azqueue"
	azqueueV2     = azureSDK + "storage/azqueue/v2"
	azqueueSource = "https://learn.microsoft.com/rest/api/storageservices/get-messages"
)

// azqueueMessage: the SDK's DequeuedMessage is an alias of a generated type.
func azqueueMessage(pkg string) Message {
	return Message{
		Type:     pkg + "/internal/generated.DequeuedMessage",
		Delivery: []string{"PopReceipt", "DequeueCount", "TimeNextVisible"},
		Identity: []string{"MessageID"},
		Receipt:  "PopReceipt",
		Count:    "DequeueCount",
		System:   "Azure Queue Storage",
		Source:   azqueueSource,
	}
}

func azqueueCalls(pkg string) []Call {
	q := func(name string) string { return method(pkg, "QueueClient", name) }
	s := func(name string) string { return method(pkg, "ServiceClient", name) }
	clients := concat(
		constructors(pkg, "NewServiceClient", withSharedKeyCredential, 0),
		constructors(pkg, "NewQueueClient", withSharedKeyCredential, 1),
		[]Call{
			{Func: s("NewQueueClient"), Role: Address, Key: paths("recv", "arg0")},
			{Func: s("NewListQueuesPager"), Role: List, Key: paths("recv"), Content: paths("ret0")},
			{Func: fn(pkg+"/queueerror", "HasCode"), Role: Condition, Codes: "arg1[]"},
		},
	)
	requests := remote(
		Call{
			Func: q("DequeueMessage"), Role: Receive, Key: paths("recv"), Message: "ret0.Messages[]",
			Lease: Quantity{Path: "arg1.VisibilityTimeout", Unit: time.Second, Default: 30 * time.Second},
			Batch: Quantity{Default: 1},
		},
		Call{
			Func: q("DequeueMessages"), Role: Receive, Key: paths("recv"), Message: "ret0.Messages[]",
			Lease: Quantity{Path: "arg1.VisibilityTimeout", Unit: time.Second, Default: 30 * time.Second},
			Batch: Quantity{Path: "arg1.NumberOfMessages", Default: 1},
		},
		Call{Func: q("PeekMessage"), Role: Peek, Key: paths("recv"), Message: "ret0.Messages[]"},
		Call{
			Func: q("PeekMessages"), Role: Peek, Key: paths("recv"), Message: "ret0.Messages[]",
			Batch: Quantity{Path: "arg1.NumberOfMessages", Default: 1},
		},
		Call{Func: q("DeleteMessage"), Role: Settle, Key: paths("recv"), Message: "arg1", Receipt: "arg2"},
		Call{
			Func: q("UpdateMessage"), Role: Renew, Key: paths("recv"), Message: "arg1", Receipt: "arg2",
			NewReceipt: "ret0.PopReceipt", Body: "arg3", Value: paths("arg3"),
			// The REST API calls the parameter required; no default is known.
			Lease:  Quantity{Path: "arg4.VisibilityTimeout", Unit: time.Second},
			Source: "https://learn.microsoft.com/rest/api/storageservices/update-message",
		},
		Call{
			Func: q("EnqueueMessage"), Role: Send, Key: paths("recv"), Value: paths("arg1"),
			Source: "https://learn.microsoft.com/rest/api/storageservices/put-message",
		},
		// Deletes every message, also those that other workers hold.
		Call{
			Func: q("ClearMessages"), Role: Remove, Key: paths("recv"), Facet: FacetMessages,
			Source: "https://learn.microsoft.com/rest/api/storageservices/clear-messages",
		},

		// Creating a queue again with the same metadata answers 204.
		Call{Func: q("Create"), Role: Create, Key: paths("recv"), Value: paths("arg1.Metadata"), Repeatable: true,
			Source: azqueueCreate},
		Call{Func: s("CreateQueue"), Role: Create, Key: paths("recv", "arg1"), Value: paths("arg2.Metadata"),
			Repeatable: true, Source: azqueueCreate},
		Call{Func: q("Delete"), Role: Remove, Key: paths("recv")},
		Call{Func: s("DeleteQueue"), Role: Remove, Key: paths("recv", "arg1")},
		Call{Func: q("SetMetadata"), Role: Write, Key: paths("recv"), Value: paths("arg1.Metadata"), Facet: FacetMetadata},
		Call{Func: q("GetProperties"), Role: Read, Key: paths("recv"), Content: paths("ret0"), Facet: FacetMetadata},
		Call{Func: q("SetAccessPolicy"), Role: Write, Key: paths("recv"), Value: paths("arg1.QueueACL"), Facet: FacetPolicy},
		Call{Func: q("GetAccessPolicy"), Role: Read, Key: paths("recv"), Content: paths("ret0"), Facet: FacetPolicy},
		Call{Func: s("SetProperties"), Role: Write, Key: paths("recv"), Value: paths("arg1"), Facet: FacetSettings},
		Call{Func: s("GetServiceProperties"), Role: Read, Key: paths("recv"), Content: paths("ret0"), Facet: FacetSettings},
	)
	return said("Azure Queue Storage", azqueueSource, concat(clients, requests)...)
}

const azqueueCreate = "https://learn.microsoft.com/rest/api/storageservices/create-queue4"
