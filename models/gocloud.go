package models

// The Go CDK (gocloud.dev): pubsub, blob and docstore over the clouds' own services.
//
// Facts that matter:
//   - Receive returns one message; how long it is hidden is the provider's matter, and
//     nothing renews it. Ack and Nack return nothing: they are sent in the background, and
//     a second one panics (pubsub/pubsub.go). Some providers cannot Nack (Nackable).
//   - LoggableID is for logs alone: no assumption may be made about it.
//   - A blob's Writer makes the blob, as a whole, at Close, where every error appears.
//     IfNotExist makes a write create-only; there is no condition on a version, but
//     BeforeWrite may set the provider's own (blob/blob.go WriterOptions).
//   - A docstore document carries its revision in a field of its own: Put, Replace, Update
//     and Delete check it where it is set, and Get sets it (docstore/doc.go, Revisions). So
//     a document may carry its condition, which its type alone does not tell.
//   - A document's key is the field named where the collection was opened: taken to be ID.
var gocloudModel = Model{
	Name:     "Go CDK",
	Packages: []string{gocloudPubsub, gocloudBlob, gocloudDocstore},
	Calls: concat(
		said("Go CDK pubsub", gocloudSource, gocloudQueue...),
		said("Go CDK blob", gocloudSource, gocloudBuckets...),
		said("Go CDK docstore", gocloudSource, gocloudDocuments...),
	),
	Messages: []Message{{
		Type: gocloudPubsub + ".Message", Identity: []string{}, System: "Go CDK pubsub", Source: gocloudSource,
	}},
}

const (
	gocloudPubsub   = "gocloud.dev/pubsub"
	gocloudBlob     = "gocloud.dev/blob"
	gocloudDocstore = "gocloud.dev/docstore"
	gocloudSource   = "gocloud.dev v0.47.0; https://gocloud.dev/howto/"
)

func gcdkBucket(name string) string     { return method(gocloudBlob, "Bucket", name) }
func gcdkCollection(name string) string { return method(gocloudDocstore, "Collection", name) }

var gocloudQueue = []Call{
	{Func: fn(gocloudPubsub, "OpenSubscription"), Role: Client, Key: paths("arg1")},
	{Func: fn(gocloudPubsub, "OpenTopic"), Role: Client, Key: paths("arg1")},
	{Func: method(gocloudPubsub, "Subscription", "Receive"), Role: Receive, Key: paths("recv"), Message: "ret0", Under: "arg0"},
	{Func: method(gocloudPubsub, "Message", "Ack"), Role: Settle, Key: paths("recv"), Message: "recv"},
	{Func: method(gocloudPubsub, "Message", "Nack"), Role: Nack, Key: paths("recv"), Message: "recv"},
	{Func: method(gocloudPubsub, "Topic", "Send"), Role: Send, Key: paths("recv"), Value: paths("arg1"), Under: "arg0"},
}

var gocloudBuckets = concat(
	[]Call{
		{Func: fn(gocloudBlob, "OpenBucket"), Role: Client, Key: paths("arg1")},
		{Func: fn(gocloudBlob, "PrefixedBucket"), Role: Address, Key: paths("arg0", "arg1")},
		// What is written to it goes to the blob at Close, under the options given here.
		{
			Func: gcdkBucket("NewWriter"), Role: Address, Key: paths("recv", "arg1"),
			Conditions: paths("arg2.IfNotExist", "arg2.BeforeWrite"),
		},
		{Func: method(gocloudBlob, "Writer", "Close"), Role: Write, Key: paths("recv"), Value: paths("recv"), Bulk: true},
		{Func: method(gocloudBlob, "Bucket", "List"), Role: List, Key: paths("recv"), Content: paths("ret0")},
	},
	remote(
		Call{Func: gcdkBucket("ReadAll"), Role: Read, Key: paths("recv", "arg1"), Content: paths("ret0"), Bulk: true},
		Call{Func: gcdkBucket("Download"), Role: Read, Key: paths("recv", "arg1"), Content: paths("arg2"), Bulk: true},
		Call{Func: gcdkBucket("NewReader"), Role: Read, Key: paths("recv", "arg1"), Content: paths("ret0"), Bulk: true},
		Call{Func: gcdkBucket("NewRangeReader"), Role: Read, Key: paths("recv", "arg1"), Content: paths("ret0"), Bulk: true},
		Call{Func: gcdkBucket("Attributes"), Role: Read, Key: paths("recv", "arg1"), Content: paths("ret0"), Version: paths("ret0.ETag"), Facet: FacetProperties},
		Call{Func: gcdkBucket("Exists"), Role: Read, Key: paths("recv", "arg1"), Content: paths("ret0"), Facet: FacetProperties},
		Call{
			Func: gcdkBucket("WriteAll"), Role: Write, Key: paths("recv", "arg1"), Value: paths("arg2"), Bulk: true,
			Conditions: paths("arg3.IfNotExist", "arg3.BeforeWrite"),
		},
		Call{
			Func: gcdkBucket("Upload"), Role: Write, Key: paths("recv", "arg1"), Value: paths("arg2"), Bulk: true,
			Conditions: paths("arg3.IfNotExist", "arg3.BeforeWrite"),
		},
		Call{
			Func: gcdkBucket("Copy"), Role: Write, Key: paths("recv", "arg1"), Value: paths("recv", "arg2"), Bulk: true,
			Conditions: paths("arg3.BeforeCopy"),
		},
		Call{Func: gcdkBucket("Delete"), Role: Remove, Key: paths("recv", "arg1")},
		Call{Func: gcdkBucket("DeleteWithOptions"), Role: Remove, Key: paths("recv", "arg1")},
	),
)

var gocloudID = []string{"ID"}

// The document is its own condition: where it holds a revision, that is checked.
var gocloudDocuments = concat(
	[]Call{
		{Func: fn(gocloudDocstore, "OpenCollection"), Role: Client, Key: paths("arg1")},
		{Func: fn(gocloudDocstore, "Increment"), Role: Stage, Staged: Write, Relative: true, Key: paths("arg0"), Value: paths("ret0")},
	},
	remote(
		Call{Func: gcdkCollection("Get"), Role: Read, Key: paths("recv"), KeyIn: gocloudID, Value: paths("arg1"), Content: paths("arg1")},
		Call{Func: gcdkCollection("Create"), Role: Create, Key: paths("recv"), KeyIn: gocloudID, Value: paths("arg1")},
		Call{Func: gcdkCollection("Put"), Role: Write, Key: paths("recv"), KeyIn: gocloudID, Value: paths("arg1"), Conditions: paths("arg1")},
		Call{Func: gcdkCollection("Replace"), Role: Write, Key: paths("recv"), KeyIn: gocloudID, Value: paths("arg1"), Conditions: paths("arg1")},
		Call{
			Func: gcdkCollection("Update"), Role: Write, Key: paths("recv", "arg1"), Value: paths("arg2"), Commits: "arg2",
			Conditions: paths("arg1"),
		},
		Call{Func: gcdkCollection("Delete"), Role: Remove, Key: paths("recv"), KeyIn: gocloudID, Value: paths("arg1"), Conditions: paths("arg1")},
	),
)
