package models

// Dapr.
//
// Facts that matter:
//   - A topic handler settles by what it returns: no error is success, an error with
//     retry gives the event back, an error without retry drops it, or dead-letters it
//     where the subscription says so (go-sdk v1.11.0 service/http/topic.go,
//     https://docs.dapr.io/reference/api/pubsub_api/#expected-http-response).
//   - Events come at least once (https://docs.dapr.io/developing-applications/building-blocks/pubsub/pubsub-overview/).
//   - State is written with the last write winning, unless an ETag is given
//     (https://docs.dapr.io/developing-applications/building-blocks/state-management/state-management-overview/#concurrency).
//   - ID names the event over all its deliveries.
var daprModel = Model{
	Name:     "Dapr",
	Packages: []string{daprCommon, daprClient},
	Calls: concat(
		said("Dapr", daprSource, daprServices...),
		said("Dapr state", daprSource, remote(daprState...)...),
	),
	Messages: []Message{
		{Type: daprCommon + ".TopicEvent", Identity: []string{"ID"}, Returned: true, System: "Dapr", Source: daprSource},
		{Type: daprCommon + ".BindingEvent", Returned: true, System: "Dapr", Source: daprSource},
		{Type: daprCommon + ".JobEvent", Returned: true, System: "Dapr", Source: daprSource},
		{Type: daprClient + ".SubscriptionMessage", Identity: []string{}, System: "Dapr", Source: daprSource},
	},
}

const (
	daprCommon = "github.com/dapr/go-sdk/service/common"
	daprClient = "github.com/dapr/go-sdk/client"
	daprSource = "go-sdk v1.11.0"
)

func daprCall(name string) string { return "(" + daprClient + ".Client)." + name }

var daprServices = []Call{
	{Func: "(" + daprCommon + ".Service).AddTopicEventHandler", Role: Subscribe, Key: paths("recv", "arg0.Topic"), Handler: "arg1"},
	{Func: "(" + daprCommon + ".Service).AddBindingInvocationHandler", Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg1"},
	{Func: "(" + daprCommon + ".Service).AddJobEventHandler", Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg1"},

	{Func: method(daprClient, "Subscription", "Receive"), Role: Receive, Key: paths("recv"), Message: "ret0"},
	{Func: method(daprClient, "SubscriptionMessage", "Success"), Role: Settle, Key: paths("recv"), Message: "recv"},
	{Func: method(daprClient, "SubscriptionMessage", "Retry"), Role: Nack, Key: paths("recv"), Message: "recv"},
	{Func: method(daprClient, "SubscriptionMessage", "Drop"), Role: DeadLetter, Key: paths("recv"), Message: "recv"},

	{Func: daprCall("PublishEvent"), Role: Send, Key: paths("recv", "arg1", "arg2"), Value: paths("arg3"), Under: "arg0"},
	{Func: daprCall("PublishEventfromCustomContent"), Role: Send, Key: paths("recv", "arg1", "arg2"), Value: paths("arg3"), Under: "arg0"},
	{Func: daprCall("PublishEvents"), Role: Send, Key: paths("recv", "arg1", "arg2"), Value: paths("arg3"), Under: "arg0"},
	{Func: daprCall("InvokeOutputBinding"), Role: External, Key: paths("recv", "arg1.Name"), Value: paths("arg1.Data"), Under: "arg0"},
	{Func: daprCall("InvokeBinding"), Role: External, Key: paths("recv", "arg1.Name"), Value: paths("arg1.Data"), Content: paths("ret0"), Under: "arg0"},
	{Func: daprCall("InvokeMethod"), Role: External, Key: paths("recv", "arg1", "arg2"), Content: paths("ret0"), Verb: "arg3", Under: "arg0"},
	{
		Func: daprCall("InvokeMethodWithContent"), Role: External, Key: paths("recv", "arg1", "arg2"), Value: paths("arg4"),
		Content: paths("ret0"), Verb: "arg3", Under: "arg0",
	},
	{
		Func: daprCall("InvokeMethodWithCustomContent"), Role: External, Key: paths("recv", "arg1", "arg2"), Value: paths("arg5"),
		Content: paths("ret0"), Verb: "arg3", Under: "arg0",
	},
}

var daprState = []Call{
	{Func: daprCall("GetState"), Role: Read, Key: paths("recv", "arg1", "arg2"), Content: paths("ret0"), Version: paths("ret0.Etag")},
	{Func: daprCall("GetStateWithConsistency"), Role: Read, Key: paths("recv", "arg1", "arg2"), Content: paths("ret0"), Version: paths("ret0.Etag")},
	{Func: daprCall("GetBulkState"), Role: Read, Key: paths("recv", "arg1", "arg2[]"), Content: paths("ret0"), Version: paths("ret0[].Etag")},
	{Func: daprCall("SaveState"), Role: Write, Key: paths("recv", "arg1", "arg2"), Value: paths("arg3")},
	{Func: daprCall("SaveStateWithETag"), Role: Write, Key: paths("recv", "arg1", "arg2"), Value: paths("arg3"), IfMatch: paths("arg4")},
	{
		Func: daprCall("SaveBulkState"), Role: Write, Key: paths("recv", "arg1", "arg2[].Key"), Value: paths("arg2[].Value"),
		IfMatch: paths("arg2[].Etag.Value"),
	},
	{Func: daprCall("DeleteState"), Role: Remove, Key: paths("recv", "arg1", "arg2")},
	{Func: daprCall("DeleteStateWithETag"), Role: Remove, Key: paths("recv", "arg1", "arg2"), IfMatch: paths("arg3.Value")},
	// Without a type an operation is refused.
	{
		Func: daprCall("ExecuteStateTransaction"), Role: Write, Key: paths("recv", "arg1", "arg3[].Item.Key"),
		Value: paths("arg3[].Item.Value"), IfMatch: paths("arg3[].Item.Etag.Value"),
		Action: "arg3[].Type", Actions: map[string]Role{"0": Write, "1": Write, "2": Remove},
	},
}
