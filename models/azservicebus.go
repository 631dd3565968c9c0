package models

import "time"

// Azure Service Bus.
//
// Facts that matter:
//   - A received message is locked for the queue's or subscription's lock duration, set
//     at the service (5 minutes at most): the code does not say it, no default is known.
//   - The lock token stays valid over renewals; LockedUntil is updated in place.
//   - The service counts deliveries and dead-letters by itself (MaxDeliveryCount).
//   - ReceiveModeReceiveAndDelete settles at the receive; settling then is an error.
//   - Settling is retried with the default options, whatever the client's say.
//   - MessageID is set by the sender alone: the SDK makes none up. The service drops
//     what comes again with the same one, where duplicate detection is switched on.
//   - A send whose answer is lost is sent again by the SDK.
var azservicebusModel = Model{
	Name:     "Azure Service Bus",
	Packages: []string{azservicebus},
	Calls: said("Azure Service Bus", azservicebusSource, concat(
		azservicebusClients,
		azservicebusReceiver("Receiver"), azservicebusReceiver("SessionReceiver"),
		azservicebusSession,
		azservicebusSender,
	)...),
	Messages: []Message{{
		Type:     azservicebus + ".ReceivedMessage",
		Delivery: []string{"LockToken", "LockedUntil", "DeliveryCount"},
		Identity: []string{"MessageID", "SequenceNumber"},
		Count:    "DeliveryCount",
		System:   "Azure Service Bus",
		Source:   azservicebusSource,
	}},
	Retries: []RetryPolicy{{
		Type:       azservicebus + "/internal/exported.RetryOptions",
		MaxRetries: "MaxRetries", RetryDelay: "RetryDelay", MaxRetryDelay: "MaxRetryDelay",
		DefaultMaxRetries: 3, DefaultRetryDelay: 4 * time.Second, DefaultMaxRetryDelay: 120 * time.Second,
		Source: "sdk/messaging/azservicebus v1.11.0 internal/utils/retrier.go setDefaults",
	}},
}

const (
	azservicebus       = azureSDK + "messaging/azservicebus"
	azservicebusSource = "sdk/messaging/azservicebus v1.11.0; https://learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement"

	// receiveAndDelete is the exact value of ReceiveModeReceiveAndDelete.
	receiveAndDelete = "1"
)

var azservicebusClients = concat(
	[]Call{
		{Func: fn(azservicebus, "NewClient"), Role: Client, Key: paths("arg0"), Retry: "arg2.RetryOptions"},
		{Func: fn(azservicebus, "NewClientFromConnectionString"), Role: Client, Key: paths("arg0"), Retry: "arg1.RetryOptions"},
		{
			Func: method(azservicebus, "Client", "NewReceiverForQueue"), Role: Client, Key: paths("recv", "arg0"),
			Mode: "arg1.ReceiveMode", AutoSettle: receiveAndDelete,
		},
		{
			Func: method(azservicebus, "Client", "NewReceiverForSubscription"), Role: Client, Key: paths("recv", "arg0", "arg1"),
			Mode: "arg2.ReceiveMode", AutoSettle: receiveAndDelete,
		},
		{Func: method(azservicebus, "Client", "NewSender"), Role: Client, Key: paths("recv", "arg0")},
		{Func: method(azservicebus, "Client", "NewListSessionsForQueuePager"), Role: List, Key: paths("recv", "arg0"), Content: paths("ret0")},
		{Func: method(azservicebus, "Client", "NewListSessionsForSubscriptionPager"), Role: List, Key: paths("recv", "arg0", "arg1"), Content: paths("ret0")},
	},
	remote(
		Call{
			Func: method(azservicebus, "Client", "AcceptSessionForQueue"), Role: Client, Key: paths("recv", "arg1", "arg2"),
			Mode: "arg3.ReceiveMode", AutoSettle: receiveAndDelete,
		},
		Call{
			Func: method(azservicebus, "Client", "AcceptSessionForSubscription"), Role: Client, Key: paths("recv", "arg1", "arg2", "arg3"),
			Mode: "arg4.ReceiveMode", AutoSettle: receiveAndDelete,
		},
		// The service chooses the session: the key stops at the queue.
		Call{
			Func: method(azservicebus, "Client", "AcceptNextSessionForQueue"), Role: Client, Key: paths("recv", "arg1"),
			Mode: "arg2.ReceiveMode", AutoSettle: receiveAndDelete,
		},
		Call{
			Func: method(azservicebus, "Client", "AcceptNextSessionForSubscription"), Role: Client, Key: paths("recv", "arg1", "arg2"),
			Mode: "arg3.ReceiveMode", AutoSettle: receiveAndDelete,
		},
	),
)

// azservicebusReceiver are the calls that both kinds of receiver have.
func azservicebusReceiver(typ string) []Call {
	f := func(name string) string { return method(azservicebus, typ, name) }
	key := paths("recv")
	calls := []Call{
		{Func: f("ReceiveMessages"), Role: Receive, Key: key, Message: "ret0[]", Batch: Quantity{Path: "arg1", Default: 1}, Lease: longestLock},
		// As many as sequence numbers are given.
		{Func: f("ReceiveDeferredMessages"), Role: Receive, Key: key, Message: "ret0[]", Lease: longestLock},
		{Func: f("PeekMessages"), Role: Peek, Key: key, Message: "ret0[]", Batch: Quantity{Path: "arg1", Default: 1}, Lease: longestLock},
		{Func: f("CompleteMessage"), Role: Settle, Key: key, Message: "arg1"},
		// Visible again at once, and counted as a delivery.
		{Func: f("AbandonMessage"), Role: Nack, Key: key, Message: "arg1"},
		{Func: f("DeadLetterMessage"), Role: DeadLetter, Key: key, Message: "arg1"},
		// A deferred message is kept, but comes again only to who asks for its sequence
		// number. So it is no settle (the work was not done, nothing is lost if it
		// failed) and no nack (it never comes back by itself, so it cannot loop): it is
		// moved aside on purpose, which is what DeadLetter stands for.
		{Func: f("DeferMessage"), Role: DeadLetter, Key: key, Message: "arg1"},
	}
	if typ == "Receiver" {
		calls = append(calls, Call{Func: f("RenewMessageLock"), Role: Renew, Key: key, Message: "arg1"})
	}
	return remote(calls...)
}

// A session's lock covers all its messages, and the service refuses its state to who
// has lost it (SessionLockLost): holding the receiver is the condition.
var azservicebusSession = remote(
	Call{Func: method(azservicebus, "SessionReceiver", "RenewSessionLock"), Role: Renew, Key: paths("recv")},
	Call{
		Func: method(azservicebus, "SessionReceiver", "GetSessionState"), Role: Read, Key: paths("recv"),
		Content: paths("ret0"), Conditions: paths("recv"), Facet: FacetSession, Source: azservicebusState,
	},
	Call{
		Func: method(azservicebus, "SessionReceiver", "SetSessionState"), Role: Write, Key: paths("recv"),
		Value: paths("arg1"), Conditions: paths("recv"), Facet: FacetSession, Source: azservicebusState,
	},
)

const azservicebusState = "https://learn.microsoft.com/dotnet/api/azure.messaging.servicebus.servicebussessionreceiver.setsessionstateasync"

var azservicebusSender = concat(
	remote(
		Call{
			Func: method(azservicebus, "Sender", "SendMessage"), Role: Send, Key: paths("recv"),
			Value: paths("arg1"), DedupID: paths("arg1.MessageID"),
		},
		Call{
			Func: method(azservicebus, "Sender", "SendAMQPAnnotatedMessage"), Role: Send, Key: paths("recv"),
			Value: paths("arg1"), DedupID: paths("arg1.Properties.MessageID"),
		},
		Call{
			Func: method(azservicebus, "Sender", "SendMessageBatch"), Role: Send, Key: paths("recv"),
			Value: paths("arg1"), Commits: "arg1",
		},
		Call{
			Func: method(azservicebus, "Sender", "ScheduleMessages"), Role: Send, Key: paths("recv"),
			Value: paths("arg1[]"), DedupID: paths("arg1[].MessageID"),
		},
		Call{
			Func: method(azservicebus, "Sender", "ScheduleAMQPAnnotatedMessages"), Role: Send, Key: paths("recv"),
			Value: paths("arg1[]"), DedupID: paths("arg1[].Properties.MessageID"),
		},
		Call{
			Func: method(azservicebus, "Sender", "CancelScheduledMessages"), Role: Remove,
			Key: paths("recv", "arg1[]"), Facet: FacetMessages,
		},
	),
	[]Call{
		{
			Func: method(azservicebus, "MessageBatch", "AddMessage"), Role: Stage, Staged: Send, Key: paths("recv"),
			Value: paths("arg0"), DedupID: paths("arg0.MessageID"),
		},
		{
			Func: method(azservicebus, "MessageBatch", "AddAMQPAnnotatedMessage"), Role: Stage, Staged: Send, Key: paths("recv"),
			Value: paths("arg0"), DedupID: paths("arg0.Properties.MessageID"),
		},
		// The received message as one to send: body, properties and MessageID.
		{Func: method(azservicebus, "ReceivedMessage", "Message"), Role: Same, Value: paths("recv")},
	},
)

// longestLock: the lock's duration is a setting of the queue, at most five minutes
// (learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement).
var longestLock = Quantity{Max: 5 * time.Minute}
