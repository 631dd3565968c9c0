package models

import (
	"strconv"
	"time"
)

// NATS: JetStream by its old and its new interface, key-value and object stores, and
// NATS Streaming (stan), which JetStream replaced.
//
// Facts that matter:
//   - Core NATS delivers at most once: Conn.Subscribe and its kin open no window, and
//     neither does NextMsg, as nothing at the call tells whose subscription it is.
//   - A JetStream message comes again AckWait (30 s by default) after its delivery, until
//     it is acknowledged, terminated or was delivered MaxDeliver times (without end by
//     default). Where a consumer has BackOff, its first entry stands for AckWait.
//     InProgress starts AckWait anew.
//   - Ack is sent and forgotten; DoubleAck and AckSync wait for the answer. JetStream does
//     not fence: the ack of a delivery that has been superseded is accepted.
//   - Nak gives the message back at once, NakWithDelay later; Term sets it aside for good.
//   - The old interface acknowledges by itself when a callback returns, unless ManualAck
//     is given; so does stan, unless SetManualAckMode is. Options stand in a variadic
//     argument as functions: which ones are given is not known here.
//   - A stream drops what is published twice with one Nats-Msg-Id within its duplicate
//     window (2 minutes by default).
//   - KeyValue.Create fails where the key exists, Update where its revision is another.
//     Object stores have no conditions.
var natsModel = Model{
	Name:     "NATS",
	Packages: []string{natsgo, jetstream, stan},
	Calls: said("NATS JetStream", natsSource, concat(
		natsCore,
		natsJetStream,
		jetstreamConsumers,
		jetstreamMessages,
		natsKeyValue(natsgo, 0),
		remote(natsKeyValue(jetstream, 1)...),
		natsObjects(natsgo, 0),
		remote(natsObjects(jetstream, 1)...),
		natsEntries(natsgo),
		natsEntries(jetstream),
		stanCalls,
	)...),
	Messages: []Message{
		{
			Type: natsgo + ".Msg",
			// The subject to acknowledge at, with the number of the delivery in it.
			Delivery: []string{"Reply"},
			// With Nats-Msg-Id among the headers, where the sender gave one.
			Identity: []string{"Header"},
			System:   "NATS JetStream",
			Source:   natsSource,
		},
		{
			// An interface: its parts are what its methods return.
			Type:     jetstream + ".Msg",
			Delivery: []string{"Reply"},
			Identity: []string{"Headers"},
			System:   "NATS JetStream",
			Source:   natsSource,
		},
		{
			Type:     stan + ".Msg",
			Delivery: []string{"Redelivered", "RedeliveryCount"},
			Identity: []string{"Sequence"},
			Count:    "RedeliveryCount",
			System:   "NATS Streaming",
			Source:   stanSource,
		},
	},
}

const (
	natsgo     = "github.com/nats-io/nats.go"
	jetstream  = natsgo + "/jetstream"
	stan       = "github.com/nats-io/stan.go"
	natsSource = "nats.go v1.55.0 js.go, kv.go, object.go, jetstream/message.go, jetstream/consumer_config.go; https://docs.nats.io/nats-concepts/jetstream/consumers"
	stanSource = "stan.go v0.10.4 sub.go, stan.go"
)

// ackWait is what the server takes where no AckWait is given.
const ackWait = 30 * time.Second

var natsCore = []Call{
	{Func: fn(natsgo, "Connect"), Role: Client, Key: paths("arg0")},
	{Func: method(natsgo, "Conn", "JetStream"), Role: Client, Key: paths("recv")},
	{Func: fn(jetstream, "New"), Role: Client, Key: paths("arg0")},
	{Func: method(natsgo, "Conn", "Publish"), Role: Send, Key: paths("recv", "arg0"), Value: paths("arg1"), System: "NATS"},
	{Func: method(natsgo, "Conn", "PublishMsg"), Role: Send, Key: paths("recv", "arg0.Subject"), Value: paths("arg0"), System: "NATS"},
	{Func: method(natsgo, "Conn", "PublishRequest"), Role: Send, Key: paths("recv", "arg0"), Value: paths("arg2"), System: "NATS"},
	{
		Func: method(natsgo, "Conn", "Request"), Role: Send, Key: paths("recv", "arg0"), Value: paths("arg1"), System: "NATS",
		Timeout: Quantity{Path: "arg2"},
	},
	{
		Func: method(natsgo, "Conn", "RequestWithContext"), Role: Send, Key: paths("recv", "arg1"), Value: paths("arg2"), System: "NATS",
		Under: "arg0",
	},
	{Func: method(natsgo, "Conn", "Subscribe"), Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg1", Volatile: true, System: "NATS"},
	{Func: method(natsgo, "Conn", "QueueSubscribe"), Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg2", Volatile: true, System: "NATS"},
	{Func: method(natsgo, "Msg", "Respond"), Role: Send, Key: paths("recv"), Value: paths("arg0"), System: "NATS"},
}

// natsJetStream is the old interface.
var natsJetStream = []Call{
	{Func: ifaceMethod(natsgo, "JetStream", "Subscribe"), Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg1"},
	{Func: ifaceMethod(natsgo, "JetStream", "QueueSubscribe"), Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg2"},
	{Func: ifaceMethod(natsgo, "JetStream", "ChanSubscribe"), Role: Subscribe, Key: paths("recv", "arg0"), Message: "arg1[]"},
	{Func: ifaceMethod(natsgo, "JetStream", "ChanQueueSubscribe"), Role: Subscribe, Key: paths("recv", "arg0"), Message: "arg2[]"},
	{Func: ifaceMethod(natsgo, "JetStream", "PullSubscribe"), Role: Client, Key: paths("recv", "arg0")},
	{
		Func: method(natsgo, "Subscription", "Fetch"), Role: Receive, Key: paths("recv"),
		Message: "ret0[]", Batch: Quantity{Path: "arg0", Default: 1},
	},
	{Func: method(natsgo, "Subscription", "FetchBatch"), Role: Client, Key: paths("recv")},
	{Func: ifaceMethod(natsgo, "MessageBatch", "Messages"), Role: Subscribe, Key: paths("recv"), Message: "ret0[]"},

	{Func: method(natsgo, "Msg", "Ack"), Role: Settle, Key: paths("recv"), Message: "recv", Unconfirmed: true},
	{Func: method(natsgo, "Msg", "AckSync"), Role: Settle, Key: paths("recv"), Message: "recv"},
	{Func: method(natsgo, "Msg", "Nak"), Role: Nack, Key: paths("recv"), Message: "recv"},
	{Func: method(natsgo, "Msg", "NakWithDelay"), Role: Nack, Key: paths("recv"), Message: "recv"},
	{Func: method(natsgo, "Msg", "Term"), Role: DeadLetter, Key: paths("recv"), Message: "recv"},
	{Func: method(natsgo, "Msg", "InProgress"), Role: Renew, Key: paths("recv"), Message: "recv"},

	{Func: ifaceMethod(natsgo, "JetStream", "Publish"), Role: Send, Key: paths("recv", "arg0"), Value: paths("arg1"), DedupID: paths("arg2[]")},
	{Func: ifaceMethod(natsgo, "JetStream", "PublishAsync"), Role: Send, Async: true, Key: paths("recv", "arg0"), Value: paths("arg1"), DedupID: paths("arg2[]")},
	{Func: ifaceMethod(natsgo, "JetStream", "PublishMsg"), Role: Send, Key: paths("recv", "arg0.Subject"), Value: paths("arg0"), DedupID: paths("arg1[]", "arg0.Header")},
	{Func: ifaceMethod(natsgo, "JetStream", "PublishMsgAsync"), Role: Send, Async: true, Key: paths("recv", "arg0.Subject"), Value: paths("arg0"), DedupID: paths("arg1[]", "arg0.Header")},
	// The option that carries the Nats-Msg-Id.
	{Func: fn(natsgo, "MsgId"), Role: Same, Value: paths("arg0")},
}

// jetstreamConsumers make consumers and bring messages.
var jetstreamConsumers = func() []Call {
	lease := func(cfg Path) Quantity { return Quantity{Path: cfg + ".AckWait", Default: ackWait} }
	var calls []Call
	for _, kind := range []string{"", "Push"} {
		for _, verb := range []string{"CreateOrUpdate", "Create", "Update"} {
			name := verb + kind + "Consumer"
			calls = append(calls,
				Call{Func: ifaceMethod(jetstream, "StreamConsumerManager", name), Role: Client, Key: paths("recv", "arg1", "arg2"), Lease: lease("arg2")},
				Call{Func: ifaceMethod(jetstream, "ConsumerManager", name), Role: Client, Key: paths("recv", "arg1"), Lease: lease("arg1")},
			)
		}
		// One that is there already: its AckWait is not said here.
		calls = append(calls,
			Call{Func: ifaceMethod(jetstream, "StreamConsumerManager", kind+"Consumer"), Role: Client, Key: paths("recv", "arg1", "arg2")},
			Call{Func: ifaceMethod(jetstream, "ConsumerManager", kind+"Consumer"), Role: Client, Key: paths("recv", "arg1")},
			Call{Func: ifaceMethod(jetstream, kind+"Consumer", "Consume"), Role: Subscribe, Key: paths("recv"), Handler: "arg0"},
		)
	}
	return append(calls,
		Call{Func: ifaceMethod(jetstream, "StreamManager", "Stream"), Role: Client, Key: paths("recv", "arg1")},
		Call{Func: ifaceMethod(jetstream, "StreamManager", "CreateStream"), Role: Client, Key: paths("recv", "arg1.Name")},
		Call{Func: ifaceMethod(jetstream, "StreamManager", "CreateOrUpdateStream"), Role: Client, Key: paths("recv", "arg1.Name")},

		Call{Func: ifaceMethod(jetstream, "Consumer", "Next"), Role: Receive, Key: paths("recv"), Message: "ret0"},
		Call{Func: ifaceMethod(jetstream, "Consumer", "Messages"), Role: Client, Key: paths("recv")},
		Call{Func: ifaceMethod(jetstream, "MessagesContext", "Next"), Role: Receive, Key: paths("recv"), Message: "ret0"},
		Call{Func: ifaceMethod(jetstream, "Consumer", "Fetch"), Role: Client, Key: paths("recv")},
		Call{Func: ifaceMethod(jetstream, "Consumer", "FetchBytes"), Role: Client, Key: paths("recv")},
		Call{Func: ifaceMethod(jetstream, "Consumer", "FetchNoWait"), Role: Client, Key: paths("recv")},
		Call{Func: ifaceMethod(jetstream, "MessageBatch", "Messages"), Role: Subscribe, Key: paths("recv"), Message: "ret0[]"},
	)
}()

var jetstreamMessages = []Call{
	{Func: ifaceMethod(jetstream, "Msg", "Data"), Role: Same, Value: paths("recv.Data")},
	{Func: ifaceMethod(jetstream, "Msg", "Headers"), Role: Same, Value: paths("recv.Headers")},
	{Func: ifaceMethod(jetstream, "Msg", "Subject"), Role: Same, Value: paths("recv.Subject")},
	{Func: ifaceMethod(jetstream, "Msg", "Reply"), Role: Same, Value: paths("recv.Reply")},
	{Func: ifaceMethod(jetstream, "Msg", "Ack"), Role: Settle, Key: paths("recv"), Message: "recv", Unconfirmed: true},
	{Func: ifaceMethod(jetstream, "Msg", "DoubleAck"), Role: Settle, Key: paths("recv"), Message: "recv", Under: "arg0"},
	{Func: ifaceMethod(jetstream, "Msg", "Nak"), Role: Nack, Key: paths("recv"), Message: "recv"},
	{Func: ifaceMethod(jetstream, "Msg", "NakWithDelay"), Role: Nack, Key: paths("recv"), Message: "recv"},
	{Func: ifaceMethod(jetstream, "Msg", "Term"), Role: DeadLetter, Key: paths("recv"), Message: "recv"},
	{Func: ifaceMethod(jetstream, "Msg", "TermWithReason"), Role: DeadLetter, Key: paths("recv"), Message: "recv"},
	{Func: ifaceMethod(jetstream, "Msg", "InProgress"), Role: Renew, Key: paths("recv"), Message: "recv"},

	{
		Func: ifaceMethod(jetstream, "Publisher", "Publish"), Role: Send, Key: paths("recv", "arg1"),
		Value: paths("arg2"), DedupID: paths("arg3[]"), Under: "arg0",
	},
	{
		Func: ifaceMethod(jetstream, "Publisher", "PublishMsg"), Role: Send, Key: paths("recv", "arg1.Subject"),
		Value: paths("arg1"), DedupID: paths("arg2[]", "arg1.Header"), Under: "arg0",
	},
	{
		Func: ifaceMethod(jetstream, "Publisher", "PublishAsync"), Role: Send, Async: true, Key: paths("recv", "arg0"),
		Value: paths("arg1"), DedupID: paths("arg2[]"),
	},
	{
		Func: ifaceMethod(jetstream, "Publisher", "PublishMsgAsync"), Role: Send, Async: true, Key: paths("recv", "arg0.Subject"),
		Value: paths("arg0"), DedupID: paths("arg1[]", "arg0.Header"),
	},
	{Func: fn(jetstream, "WithMsgID"), Role: Same, Value: paths("arg0")},
}

// after counts arguments from the first one that is not the context.
func after(contexts int) func(n int) Path {
	return func(n int) Path { return Path("arg" + strconv.Itoa(contexts+n)) }
}

func natsKeyValue(pkg string, contexts int) []Call {
	arg := after(contexts)
	kv := func(name string) string { return ifaceMethod(pkg, "KeyValue", name) }
	key := []Path{"recv", arg(0)}
	return said("NATS key-value store", natsSource,
		Call{Func: ifaceMethod(pkg, "KeyValueManager", "KeyValue"), Role: Address, Key: key},
		Call{Func: ifaceMethod(pkg, "KeyValueManager", "CreateKeyValue"), Role: Address, Key: []Path{"recv", arg(0) + ".Bucket"}},
		Call{Func: kv("Get"), Role: Read, Key: key, Content: paths("ret0"), Version: paths("ret0")},
		Call{Func: kv("GetRevision"), Role: Read, Key: []Path{"recv", arg(0), arg(1)}, Content: paths("ret0"), Version: paths("ret0")},
		Call{Func: kv("Keys"), Role: List, Key: paths("recv"), Content: paths("ret0")},
		Call{Func: kv("History"), Role: List, Key: key, Content: paths("ret0")},
		Call{Func: kv("Put"), Role: Write, Key: key, Value: []Path{arg(1)}, Version: paths("ret0")},
		Call{Func: kv("PutString"), Role: Write, Key: key, Value: []Path{arg(1)}, Version: paths("ret0")},
		Call{Func: kv("Create"), Role: Create, Key: key, Value: []Path{arg(1)}, Version: paths("ret0")},
		// Revision 0 says that the key does not exist.
		Call{Func: kv("Update"), Role: Write, Key: key, Value: []Path{arg(1)}, IfMatch: []Path{arg(2)}, Version: paths("ret0")},
		Call{Func: kv("Delete"), Role: Remove, Key: key, Conditions: []Path{arg(1) + "[]"}},
		Call{Func: kv("Purge"), Role: Remove, Key: key, Conditions: []Path{arg(1) + "[]"}},
	)
}

// natsEntries open what KeyValue.Get returns.
func natsEntries(pkg string) []Call {
	return []Call{
		{Func: ifaceMethod(pkg, "KeyValueEntry", "Value"), Role: Same, Value: paths("recv")},
		{Func: ifaceMethod(pkg, "KeyValueEntry", "Revision"), Role: Same, Value: paths("recv")},
	}
}

func natsObjects(pkg string, contexts int) []Call {
	arg := after(contexts)
	store := func(name string) string { return ifaceMethod(pkg, "ObjectStore", name) }
	key := []Path{"recv", arg(0)}
	return said("NATS object store", natsSource,
		Call{Func: ifaceMethod(pkg, "ObjectStoreManager", "ObjectStore"), Role: Address, Key: key},
		Call{Func: ifaceMethod(pkg, "ObjectStoreManager", "CreateObjectStore"), Role: Address, Key: []Path{"recv", arg(0) + ".Bucket"}},
		Call{Func: store("Get"), Role: Read, Key: key, Content: paths("ret0"), Bulk: true},
		Call{Func: store("GetBytes"), Role: Read, Key: key, Content: paths("ret0"), Bulk: true},
		Call{Func: store("GetString"), Role: Read, Key: key, Content: paths("ret0"), Bulk: true},
		Call{Func: store("GetInfo"), Role: Read, Key: key, Content: paths("ret0"), Facet: FacetProperties},
		Call{Func: store("Put"), Role: Write, Key: []Path{"recv", arg(0) + ".Name"}, Value: []Path{arg(1)}, Bulk: true},
		Call{Func: store("PutBytes"), Role: Write, Key: key, Value: []Path{arg(1)}, Bulk: true},
		Call{Func: store("PutString"), Role: Write, Key: key, Value: []Path{arg(1)}, Bulk: true},
		Call{Func: store("UpdateMeta"), Role: Write, Key: key, Value: []Path{arg(1)}, Facet: FacetMetadata},
		Call{Func: store("Delete"), Role: Remove, Key: key},
	)
}

var stanCalls = said("NATS Streaming", stanSource,
	Call{Func: fn(stan, "Connect"), Role: Client, Key: paths("arg0", "arg1")},
	Call{Func: ifaceMethod(stan, "Conn", "Subscribe"), Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg1"},
	Call{Func: ifaceMethod(stan, "Conn", "QueueSubscribe"), Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg2"},
	Call{Func: method(stan, "Msg", "Ack"), Role: Settle, Key: paths("recv"), Message: "recv", Unconfirmed: true},
	Call{Func: ifaceMethod(stan, "Conn", "Publish"), Role: Send, Key: paths("recv", "arg0"), Value: paths("arg1")},
	Call{Func: ifaceMethod(stan, "Conn", "PublishAsync"), Role: Send, Async: true, Key: paths("recv", "arg0"), Value: paths("arg1")},
)
