package models

// Kafka by sarama, under its name of today and the old one.
//
// Facts that matter:
//   - ConsumerGroupClaim.Messages is the channel of a partition's messages. MarkMessage
//     says that the message is done, and with it every earlier one of the partition;
//     marks are committed each second (Consumer.Offsets.AutoCommit, on by default) and
//     when the session ends, or by Commit. Commit alone settles nothing: it sends what
//     was marked, so it has no entry.
//   - MarkOffset takes the offset of the next message.
//   - ResetOffset goes back: the messages from there on come again.
//   - A ConsumeClaim that returns, with an error or without, gives nothing back by
//     itself: what a later mark covers is settled.
//   - The session sends heartbeats beside the handler: no lease.
//   - PartitionConsumer.Messages belongs to no group and nothing settles it: it reads a
//     log, as often as it is told to. It has no entry.
//   - AsyncProducer.Input is the channel to put messages into; errors come out of
//     another channel.
var saramaModel = Model{
	Name:     "Kafka (sarama)",
	Packages: []string{sarama, shopifySarama},
	Calls: said("Kafka", saramaSource, concat(
		saramaCalls(sarama), saramaCalls(shopifySarama),
	)...),
	Messages: []Message{saramaMessage(sarama), saramaMessage(shopifySarama)},
}

const (
	sarama        = "github.com/IBM/sarama"
	shopifySarama = "github.com/Shopify/sarama"
	saramaSource  = "sarama v1.61.1 consumer_group.go, offset_manager.go, config.go (Consumer.Offsets), sync_producer.go, async_producer.go"
)

func saramaCalls(pkg string) []Call {
	session := func(name string) string { return ifaceMethod(pkg, "ConsumerGroupSession", name) }
	calls := []Call{
		{Func: fn(pkg, "NewConsumerGroup"), Role: Client, Key: paths("arg0", "arg1")},
		{Func: fn(pkg, "NewConsumerGroupFromClient"), Role: Client, Key: paths("arg1", "arg0")},
		{Func: fn(pkg, "NewSyncProducer"), Role: Client, Key: paths("arg0")},
		{Func: fn(pkg, "NewSyncProducerFromClient"), Role: Client, Key: paths("arg0")},
		{Func: fn(pkg, "NewAsyncProducer"), Role: Client, Key: paths("arg0")},
		{Func: fn(pkg, "NewAsyncProducerFromClient"), Role: Client, Key: paths("arg0")},

		{Func: ifaceMethod(pkg, "ConsumerGroupClaim", "Messages"), Role: Subscribe, Key: paths("recv"), Message: "ret0[]"},
		{Func: session("MarkMessage"), Role: Settle, Key: paths("recv"), Message: "arg0", Cumulative: true},
		{Func: session("MarkOffset"), Role: Settle, Key: paths("recv", "arg0", "arg1"), Message: "arg2", Cumulative: true},
		{Func: session("ResetOffset"), Role: Nack, Key: paths("recv", "arg0", "arg1"), Message: "arg2"},

		{Func: ifaceMethod(pkg, "SyncProducer", "SendMessage"), Role: Send, Key: paths("recv", "arg0.Topic"), Value: paths("arg0")},
		{Func: ifaceMethod(pkg, "SyncProducer", "SendMessages"), Role: Send, Key: paths("recv", "arg0[].Topic"), Value: paths("arg0[]")},
		{Func: ifaceMethod(pkg, "AsyncProducer", "Input"), Role: Send, Key: paths("recv"), Value: paths("ret0[]")},
	}
	// Inside a transaction the offset is committed together with what is produced.
	for _, typ := range []string{"SyncProducer", "AsyncProducer"} {
		calls = append(calls, Call{
			Func: ifaceMethod(pkg, typ, "AddMessageToTxn"), Role: Settle, Key: paths("recv", "arg1"), Message: "arg0", Cumulative: true,
		})
	}
	return calls
}

func saramaMessage(pkg string) Message {
	return Message{
		Type: pkg + ".ConsumerMessage",
		// Within its topic and partition.
		Identity: []string{"Offset"},
		System:   "Kafka",
		Source:   saramaSource,
	}
}

// ifaceMethod spells the full name of an interface's method, or of a value receiver's.
func ifaceMethod(pkg, typ, name string) string { return "(" + pkg + "." + typ + ")." + name }
