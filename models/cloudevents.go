package models

// CloudEvents.
//
// Facts that matter:
//   - A receiver settles by what it returns: an error is a nack, which the protocol turns
//     into its own (sdk-go/v2 v2.16.2 client/client.go StartReceiver, protocol/result.go).
//     protocol.Result is an error of another name; ResultACK and ResultNACK say it outright.
//   - Send returns such a Result, too; IsUndelivered tells whether it failed.
//   - Source and ID together are the same for the same event, however often it comes
//     (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#id).
var cloudeventsModel = Model{
	Name:     "CloudEvents",
	Packages: []string{cloudevents, cloudevents + "/client", cloudevents + "/event"},
	Calls: said("CloudEvents", cloudeventsSource, []Call{
		{Func: "(" + cloudevents + "/client.Client).StartReceiver", Role: Subscribe, Key: paths("recv"), Handler: "arg1"},
		{Func: "(" + cloudevents + "/client.Client).Send", Role: Send, Key: paths("recv"), Value: paths("arg1"), Under: "arg0"},
		{Func: "(" + cloudevents + "/client.Client).Request", Role: Send, Key: paths("recv"), Value: paths("arg1"), Under: "arg0"},
	}...),
	Messages: []Message{{Type: cloudevents + "/event.Event", Returned: true, System: "CloudEvents", Source: cloudeventsSource}},
}

const (
	cloudevents       = "github.com/cloudevents/sdk-go/v2"
	cloudeventsSource = "cloudevents/sdk-go/v2 v2.16.2; https://cloudevents.github.io/sdk-go/"
)
