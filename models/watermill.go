package models

// Watermill.
//
// Facts that matter:
//   - A router's handler settles by what it returns: nil acks, after the messages that it
//     returned were published; an error or a panic nacks (watermill v1.5.1
//     message/router.go handleMessage). A handler may also ack by itself.
//   - A subscriber without a router gives a channel of messages; each must be acked or
//     nacked, the next one comes after that. The first of both wins, the second returns
//     false (message/message.go).
//   - UUID is for debugging alone (message/message.go): no broker drops duplicates by it.
//     It stays the same over deliveries.
//   - How long a message may be held is the broker's matter.
var watermillModel = Model{
	Name:     "Watermill",
	Packages: []string{watermillMessage},
	Calls: concat(
		said("Watermill", watermillSource, []Call{
			{Func: "(" + watermillMessage + ".Subscriber).Subscribe", Role: Subscribe, Key: paths("recv", "arg1"), Message: "ret0[]"},
			{Func: method(watermillChannel, "GoChannel", "Subscribe"), Role: Subscribe, Key: paths("recv", "arg1"), Message: "ret0[]"},
			{Func: method(watermillMessage, "Router", "AddHandler"), Role: Subscribe, Key: paths("recv", "arg1"), Handler: "arg5"},
			{Func: method(watermillMessage, "Router", "AddNoPublisherHandler"), Role: Subscribe, Key: paths("recv", "arg1"), Handler: "arg3"},
			{Func: method(watermillMessage, "Router", "AddConsumerHandler"), Role: Subscribe, Key: paths("recv", "arg1"), Handler: "arg3"},

			{Func: method(watermillMessage, "Message", "Ack"), Role: Settle, Key: paths("recv"), Message: "recv"},
			{Func: method(watermillMessage, "Message", "Nack"), Role: Nack, Key: paths("recv"), Message: "recv"},
			// The same message for another topic.
			{Func: method(watermillMessage, "Message", "Copy"), Role: Same, Value: paths("recv")},
			{Func: method(watermillMessage, "Message", "CopyWithContext"), Role: Same, Value: paths("recv")},

			{Func: "(" + watermillMessage + ".Publisher).Publish", Role: Send, Key: paths("recv", "arg0"), Value: paths("arg1[]")},
			{Func: method(watermillChannel, "GoChannel", "Publish"), Role: Send, Key: paths("recv", "arg0"), Value: paths("arg1[]")},
		}...),
		fresh("uuid", watermill, "NewUUID", "NewShortUUID", "NewULID"),
	),
	Messages: []Message{{
		Type: watermillMessage + ".Message", Identity: []string{"UUID"}, Returned: true,
		System: "Watermill", Source: watermillSource,
	}},
}

const (
	watermill        = "github.com/ThreeDotsLabs/watermill"
	watermillMessage = watermill + "/message"
	watermillChannel = watermill + "/pubsub/gochannel"
	watermillSource  = "watermill v1.5.1; https://watermill.io/docs/messages-router/"
)
