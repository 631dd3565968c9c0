package models

import "time"

// Google Cloud Pub/Sub: cloud.google.com/go/pubsub, its v2, and the generated clients
// that pull (apiv1).
//
// Facts that matter:
//   - Receive calls its function with each message, many at once, and extends the
//     deadline of all that it holds by itself, for 60 minutes unless ReceiveSettings say
//     otherwise: no lease that code could outlast by oversight (pubsub v1.52.0
//     subscription.go, DefaultReceiveSettings).
//   - The first of Ack and Nack counts; what is called later has no effect. Both return at
//     once: AckWithResult tells whether an exactly-once subscription took it
//     (internal/pubsub/message.go).
//   - A message is an alias of internal/pubsub.Message in both versions.
//   - Publish returns at once, too: the error comes with PublishResult.Get. The service
//     sets the ID itself and drops no duplicates among what is published
//     (https://cloud.google.com/pubsub/docs/publisher).
//   - The generated clients neither extend nor retry an acknowledge: the deadline is the
//     subscription's, 10 s by default, 600 s at most; ModifyAckDeadline sets a new one,
//     and 0 gives the message back.
var gcpPubsubModel = Model{
	Name:     "Google Pub/Sub",
	Packages: []string{gcpPubsub, gcpPubsubV2, gcpPubsub + "/apiv1", gcpPubsubV2 + "/apiv1"},
	Calls: said("Google Pub/Sub", gcpPubsubSource, concat(
		gcpPubsubClients,
		gcpPubsubMessages,
		gcpPubsubPull(gcpPubsub+"/apiv1", "SubscriberClient"),
		gcpPubsubPull(gcpPubsubV2+"/apiv1", "SubscriptionAdminClient"),
	)...),
	Messages: []Message{
		{
			Type: gcpPubsubMessage + ".Message", Identity: []string{"ID"},
			Delivery: []string{"DeliveryAttempt"}, Count: "DeliveryAttempt",
			System: "Google Pub/Sub", Source: gcpPubsubSource,
		},
		{
			// The message that it brings has the identity.
			Type: gcpPubsubPB + ".ReceivedMessage", Identity: []string{},
			Delivery: []string{"AckId", "DeliveryAttempt"}, Receipt: "AckId", Count: "DeliveryAttempt",
			System: "Google Pub/Sub", Source: gcpPubsubSource,
		},
		{
			Type: gcpPubsubPB + ".PubsubMessage", Identity: []string{"MessageId"},
			System: "Google Pub/Sub", Source: gcpPubsubSource,
		},
	},
}

const (
	gcpPubsub        = gcp + "pubsub"
	gcpPubsubV2      = gcp + "pubsub/v2"
	gcpPubsubMessage = gcp + "internal/pubsub"
	gcpPubsubPB      = gcp + "pubsub/v2/apiv1/pubsubpb"
	gcpPubsubSource  = "pubsub v1.52.0, pubsub/v2 v2.8.1; https://cloud.google.com/pubsub/docs/lease-management"
)

// The context of Receive ends the subscription, not the work: it bounds no call.
var gcpPubsubClients = []Call{
	{Func: fn(gcpPubsub, "NewClient"), Role: Client, Key: paths("arg1")},
	{Func: fn(gcpPubsub, "NewClientWithConfig"), Role: Client, Key: paths("arg1")},
	{Func: fn(gcpPubsubV2, "NewClient"), Role: Client, Key: paths("arg1")},
	{Func: fn(gcpPubsubV2, "NewClientWithConfig"), Role: Client, Key: paths("arg1")},

	{Func: method(gcpPubsub, "Client", "Subscription"), Role: Address, Key: paths("recv", "arg0")},
	{Func: method(gcpPubsub, "Client", "SubscriptionInProject"), Role: Address, Key: paths("recv", "arg1", "arg0")},
	{Func: method(gcpPubsub, "Client", "Topic"), Role: Address, Key: paths("recv", "arg0")},
	{Func: method(gcpPubsub, "Client", "TopicInProject"), Role: Address, Key: paths("recv", "arg1", "arg0")},
	{Func: method(gcpPubsubV2, "Client", "Subscriber"), Role: Address, Key: paths("recv", "arg0")},
	{Func: method(gcpPubsubV2, "Client", "Publisher"), Role: Address, Key: paths("recv", "arg0")},

	{Func: method(gcpPubsub, "Subscription", "Receive"), Role: Subscribe, Key: paths("recv"), Handler: "arg1"},
	{Func: method(gcpPubsubV2, "Subscriber", "Receive"), Role: Subscribe, Key: paths("recv"), Handler: "arg1"},

	{Func: method(gcpPubsub, "Topic", "Publish"), Role: Send, Async: true, Key: paths("recv"), Value: paths("arg1"), Under: "arg0"},
	{Func: method(gcpPubsubV2, "Publisher", "Publish"), Role: Send, Async: true, Key: paths("recv"), Value: paths("arg1"), Under: "arg0"},
}

var gcpPubsubMessages = []Call{
	{Func: method(gcpPubsubMessage, "Message", "Ack"), Role: Settle, Key: paths("recv"), Message: "recv"},
	{Func: method(gcpPubsubMessage, "Message", "AckWithResult"), Role: Settle, Key: paths("recv"), Message: "recv"},
	{Func: method(gcpPubsubMessage, "Message", "Nack"), Role: Nack, Key: paths("recv"), Message: "recv"},
	{Func: method(gcpPubsubMessage, "Message", "NackWithResult"), Role: Nack, Key: paths("recv"), Message: "recv"},
	// They tell how what was called before has ended: their errors are its errors.
	{Func: method(gcpPubsubMessage, "PublishResult", "Get"), Role: Same, Value: paths("recv")},
	{Func: method(gcpPubsubMessage, "AckResult", "Get"), Role: Same, Value: paths("recv")},
}

// gcpPubsubPull are the calls of a generated client, the same in both versions.
func gcpPubsubPull(pkg, typ string) []Call {
	f := func(name string) string { return method(pkg, typ, name) }
	key := paths("recv", "arg1.Subscription")
	publisher := "PublisherClient"
	if pkg == gcpPubsubV2+"/apiv1" {
		publisher = "TopicAdminClient"
	}
	return remote(
		Call{
			Func: f("Pull"), Role: Receive, Key: key, Message: "ret0.ReceivedMessages[]",
			Batch: Quantity{Path: "arg1.MaxMessages", Default: 1}, Lease: Quantity{Max: 600 * time.Second},
		},
		Call{Func: f("Acknowledge"), Role: Settle, Key: key, Message: "arg1.AckIds[]", Receipt: "arg1.AckIds[]"},
		// With 0 it is a nack, which only a constant tells.
		Call{
			Func: f("ModifyAckDeadline"), Role: Renew, Key: key, Message: "arg1.AckIds[]",
			Lease: Quantity{Path: "arg1.AckDeadlineSeconds", Unit: time.Second, Max: 600 * time.Second},
		},
		Call{
			Func: method(pkg, publisher, "Publish"), Role: Send, Key: paths("recv", "arg1.Topic"), Value: paths("arg1.Messages[]"),
		},
	)
}
