package models

// Mail and messages to people: SendGrid, Twilio. (net/smtp stands in std.go.)
//
// Facts that matter:
//   - Neither service takes an idempotency key for a mail or a message: a second request
//     is a second mail.
//   - MakeRequestRetry sends again after a 429, nothing else does.
//   - The Twilio client's calls take no context; its HTTP client ends them after 10 seconds.
var mailModel = Model{
	Name:     "mail and messages",
	Packages: []string{sendgrid, twilio},
	Calls: concat(
		said("SendGrid", "https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send; sendgrid-go v3.16.1",
			Call{Func: method(sendgrid, "Client", "Send"), Role: External, Key: paths("recv"), Value: paths("arg0"), FixedVerb: "POST"},
			Call{Func: method(sendgrid, "Client", "SendWithContext"), Role: External, Key: paths("recv"), Value: paths("arg1"), FixedVerb: "POST", Under: "arg0"},
			Call{Func: fn(sendgrid, "API"), Role: External, Key: paths("arg0.BaseURL"), Value: paths("arg0.Body"), Verb: "arg0.Method"},
			Call{Func: fn(sendgrid, "MakeRequest"), Role: External, Key: paths("arg0.BaseURL"), Value: paths("arg0.Body"), Verb: "arg0.Method"},
			Call{Func: fn(sendgrid, "MakeRequestWithContext"), Role: External, Key: paths("arg1.BaseURL"), Value: paths("arg1.Body"), Verb: "arg1.Method", Under: "arg0"},
			Call{Func: fn(sendgrid, "MakeRequestRetry"), Role: External, Key: paths("arg0.BaseURL"), Value: paths("arg0.Body"), Verb: "arg0.Method"},
		),
		said("Twilio", "https://www.twilio.com/docs/messaging/api/message-resource; twilio-go v1.31.0",
			Call{Func: method(twilio, "ApiService", "CreateMessage"), Role: External, Key: paths("recv"), Value: paths("arg0"), FixedVerb: "POST"},
			Call{Func: method(twilio, "ApiService", "CreateCall"), Role: External, Key: paths("recv"), Value: paths("arg0"), FixedVerb: "POST"},
		),
	),
}

const (
	sendgrid = "github.com/sendgrid/sendgrid-go"
	twilio   = "github.com/twilio/twilio-go/rest/api/v2010"
)
