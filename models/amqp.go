package models

// RabbitMQ by rabbitmq/amqp091-go, and by its ancestor streadway/amqp.
//
// Facts that matter:
//   - Consume and Get with autoAck settle "prior to writing the delivery to the network":
//     what crashes after it is lost.
//   - Ack, Nack and Reject speak of the delivery tag, which is new at each delivery and
//     counts for one channel. With multiple the call covers every earlier delivery of
//     the channel; whether it does is an argument, so the entries say one.
//   - Nack and Reject with requeue give the message back at once. Without, it goes to
//     the queue's dead-letter exchange, or is dropped where there is none: set aside, on
//     purpose.
//   - A delivery that is neither acknowledged nor rejected comes again when its channel
//     or connection closes. A broker closes channels whose deliveries wait longer than
//     its consumer_timeout (30 minutes by default; from 4.3 on for quorum queues only):
//     no lease that the code could know.
//   - Redelivered is a hint. MessageId and CorrelationId are whatever the sender wrote;
//     the broker drops no duplicate.
//   - Publish returns before the broker has the message; a confirm tells.
var amqpModel = Model{
	Name:     "RabbitMQ",
	Packages: []string{amqp091, streadwayAMQP},
	Calls: said("RabbitMQ", amqpSource, concat(
		amqpCalls(amqp091), amqpCalls(streadwayAMQP),
		remote(
			Call{
				Func: method(amqp091, "Channel", "ConsumeWithContext"), Role: Subscribe, Key: paths("recv", "arg1"),
				Message: "ret0[]", Mode: "arg3", AutoSettle: "true",
			},
			Call{
				Func: method(amqp091, "Channel", "PublishWithContext"), Role: Send,
				Key: paths("recv", "arg1", "arg2"), Value: paths("arg5"),
			},
			Call{
				Func: method(amqp091, "Channel", "PublishWithDeferredConfirmWithContext"), Role: Send,
				Key: paths("recv", "arg1", "arg2"), Value: paths("arg5"),
			},
		),
		[]Call{
			{
				Func: method(amqp091, "Channel", "PublishWithDeferredConfirm"), Role: Send,
				Key: paths("recv", "arg0", "arg1"), Value: paths("arg4"),
			},
			// Until the broker has answered; nothing bounds it.
			{Func: method(amqp091, "DeferredConfirmation", "Wait"), Role: Wait, Unbounded: true},
			{Func: method(amqp091, "DeferredConfirmation", "WaitContext"), Role: Wait, Unbounded: true, Under: "arg0"},
		},
	)...),
	Messages: []Message{amqpDelivery(amqp091), amqpDelivery(streadwayAMQP)},
}

const (
	amqp091       = "github.com/rabbitmq/amqp091-go"
	streadwayAMQP = "github.com/streadway/amqp"
	amqpSource    = "amqp091-go v1.16.0 channel.go, delivery.go; https://www.rabbitmq.com/docs/consumers, https://www.rabbitmq.com/docs/confirms"
)

// requeued tells by the argument requeue what a Nack or Reject does.
var requeued = map[string]Role{"true": Nack, "false": DeadLetter}

func amqpCalls(pkg string) []Call {
	channel := func(name string) string { return method(pkg, "Channel", name) }
	calls := []Call{
		{Func: fn(pkg, "Dial"), Role: Client, Key: paths("arg0")},
		{Func: fn(pkg, "DialConfig"), Role: Client, Key: paths("arg0")},
		{Func: method(pkg, "Connection", "Channel"), Role: Client, Key: paths("recv")},
		{
			Func: channel("Consume"), Role: Subscribe, Key: paths("recv", "arg0"),
			Message: "ret0[]", Mode: "arg2", AutoSettle: "true",
		},
		{Func: channel("Get"), Role: Receive, Key: paths("recv", "arg0"), Message: "ret0", Mode: "arg1", AutoSettle: "true"},
		{Func: channel("Publish"), Role: Send, Key: paths("recv", "arg0", "arg1"), Value: paths("arg4")},
	}
	// By the delivery, by the channel, and by the interface between the two.
	for _, by := range []struct {
		name string // of the function, without the verb
		key  Path
		tag  Path
		next []Path // the arguments after the tag
	}{
		{"(" + pkg + ".Delivery).", "recv", "recv", []Path{"arg0", "arg1"}},
		{"(*" + pkg + ".Channel).", "recv", "arg0", []Path{"arg1", "arg2"}},
		{"(" + pkg + ".Acknowledger).", "recv", "arg0", []Path{"arg1", "arg2"}},
	} {
		calls = append(calls,
			Call{Func: by.name + "Ack", Role: Settle, Key: paths(by.key), Message: by.tag, Unconfirmed: true},
			Call{Func: by.name + "Nack", Role: Nack, Key: paths(by.key), Message: by.tag, Action: by.next[1], Actions: requeued},
			Call{Func: by.name + "Reject", Role: Nack, Key: paths(by.key), Message: by.tag, Action: by.next[0], Actions: requeued},
		)
	}
	return calls
}

func amqpDelivery(pkg string) Message {
	return Message{
		Type:     pkg + ".Delivery",
		Delivery: []string{"DeliveryTag", "Redelivered", "ConsumerTag", "MessageCount"},
		Identity: []string{"MessageId", "CorrelationId"},
		Receipt:  "DeliveryTag",
		System:   "RabbitMQ",
		Source:   amqpSource,
	}
}
