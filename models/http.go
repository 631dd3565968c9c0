package models

import "strings"

// HTTP through go-resty v2. (net/http stands in std.go.)
//
// Facts that matter:
//   - A request is built by methods that return it: body and headers stand in the receiver
//     of the call that sends it.
//   - SetRetryCount makes the client send again after a failure, whatever the method is,
//     POST too; the default is not to.
//   - The timeout is the client's (SetTimeout); the default is none.
var restyModel = Model{
	Name:     "resty",
	Packages: []string{resty},
	Calls: said("HTTP", "https://pkg.go.dev/github.com/go-resty/resty/v2 v2.17.2", concat(
		restyCalls,
		restyVerbs("Get", "Head", "Post", "Put", "Patch", "Delete", "Options"),
	)...),
}

const resty = "github.com/go-resty/resty/v2"

func restyRequest(name string) string { return method(resty, "Request", name) }

var restyCalls = []Call{
	{
		Func: restyRequest("Execute"), Role: External, Key: paths("arg1"), Value: paths("recv"), Content: paths("ret0"),
		Verb: "arg0", DedupID: paths("recv"),
	},
	{Func: method(resty, "Response", "Body"), Role: Same, Value: paths("recv")},
	{Func: method(resty, "Response", "String"), Role: Same, Value: paths("recv")},
}

func restyVerbs(names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{
			Func: restyRequest(n), Role: External, Key: paths("arg0"), Value: paths("recv"), Content: paths("ret0"),
			FixedVerb: strings.ToUpper(n), DedupID: paths("recv"),
		})
	}
	return calls
}
