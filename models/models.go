// Package models says what the calls of queue, store and standard libraries mean
// for a message that may be delivered twice. It is data: one file per SDK, one
// entry per call, and a path into the call's arguments or results for each thing
// a check asks about. The engine knows no SDK by name.
//
// Every entry and every path is resolved against the real SDK by a test in the
// testdata module, so that none can rot.
package models

import (
	"slices"
	"strings"
	"time"
)

// Path finds a value at a call. It starts with "recv", "argN" (N counts from 0,
// without the receiver) or "retN", followed by field names and "[]" for "each
// element": "arg3.VisibilityTimeout", "ret0.Messages[]". Pointers are looked
// through; embedded fields are written out.
type Path string

// Role is what a call does to queues, stores or time.
type Role uint8

const (
	_ Role = iota

	// Receive takes messages under a lease; the window opens.
	Receive
	// Subscribe starts a delivery: messages come to the function at Handler, or through
	// the channel at Message ("ret0[]"). Each of them opens a window of its own.
	Subscribe
	// Peek looks at messages without taking them.
	Peek
	// Settle deletes, acknowledges or completes a message; the window closes.
	Settle
	// Nack gives the message back, on purpose.
	Nack
	// DeadLetter moves the message aside for good.
	DeadLetter
	// Renew prolongs the lease.
	Renew

	// Read reads a key of a store.
	Read
	// List reads many keys of a store.
	List
	// Write replaces (or merges into) what a key holds.
	Write
	// Create succeeds only where the key does not exist yet.
	Create
	// Append adds to what a key holds.
	Append
	// Remove deletes a key.
	Remove
	// Stage prepares a write that a later call makes visible (staged blocks).
	Stage
	// Send puts a message into a queue or topic.
	Send
	// External calls a system that is neither queue nor store (HTTP, process).
	External

	// Local reads or makes something on this machine: a file.
	Local

	// Wait passes time: sleeps, timers, tickers, locks, channels.
	Wait
	// Deadline bounds the work done under the context it returns.
	Deadline
	// Detach returns a context that is no longer cancelled with its parent.
	Detach
	// Cancellable returns a context that a signal or a cancel function ends.
	Cancellable
	// Fresh returns something else at each attempt.
	Fresh

	// Client makes a client; options given here hold for its calls.
	Client
	// Address names something inside what the receiver (or first key path)
	// addresses: a container, a blob, a table.
	Address
	// Same returns its argument or receiver in another dress (to.Ptr, BlobClient()).
	Same
	// Spawn runs the function it is given in a goroutine of its own.
	Spawn
	// Condition tests an error for a code: a conflict told apart.
	Condition

	// Handle gives a message to a function whose body is a window of its own and whose
	// error result settles it: the entry is that function, or the interface's method or
	// function type that such functions implement. Message is its parameter.
	Handle
)

// FreshKind is the way in which a fresh value differs from attempt to attempt.
type FreshKind uint8

const (
	_ FreshKind = iota
	// Clock is the time of day.
	Clock
	// Random is a random number or a random identifier.
	Random
	// Host is the name, process id or address of the machine.
	Host
)

// Quantity is a number read from a call: a lease, a batch size, a timeout.
type Quantity struct {
	Path Path
	// Unit of a plain number; 0 where the type is time.Duration or a count.
	Unit time.Duration
	// Default holds where the path is absent (nil options, nil field, zero).
	// 0 means that there is no known default. For a count it is a plain number.
	Default time.Duration
	// Max is the most that the service grants; 0 where that is not known.
	Max time.Duration
}

// Call is the meaning of one function or method.
type Call struct {
	// Func is types.Func.FullName of the function's origin, for instance
	// "(*github.com/Azure/azure-sdk-for-go/sdk/data/aztables.Client).AddEntity".
	Func string
	Role Role
	// System names what is called, for messages: "Azure Blob Storage".
	System string
	// Source is the vendor document, SDK source or issue that states the facts.
	Source string

	// Key addresses what is read or written, outermost part first: the client,
	// the container, the name.
	Key []Path
	// KeyIn names fields inside the (possibly marshalled) value that complete the
	// key, where the SDK takes them from there: PartitionKey, RowKey.
	KeyIn []string
	// Value is what is written or sent; for Same, what is returned.
	Value []Path
	// Content is where a read puts what it read: results, or arguments it fills;
	// for Stage, what gathers the prepared parts ("recv").
	Content []Path
	// Version is where a read or write returns the version (ETag).
	Version []Path

	// IfMatch and IfNoneMatch are the preconditions on the version.
	IfMatch, IfNoneMatch []Path
	// IfMatchDefault is what the SDK sends where IfMatch is absent ("*" for
	// aztables updates); empty where it sends none.
	IfMatchDefault string
	// Conditions are other preconditions that a service checks atomically: lease
	// ids, append positions, modification times, sequence numbers, tags.
	Conditions []Path
	// Relative marks writes that apply a change to what is there: patch
	// increments, appends.
	Relative bool
	// Staged says, for Stage, what the prepared operation is once it is made visible
	// (Write for a block, Create for a batch's CreateItem); Commits, on the call that
	// makes it visible, is what was prepared: the batch, or the blob itself. A commit
	// has the conditions and the relativity of what it commits.
	Staged  Role
	Commits Path
	// Action is where each item of a call says what is done with it, and Actions what
	// the constants (exact strings) mean; where neither tells, Role holds.
	Action  Path
	Actions map[string]Role
	// Repeatable marks a Create whose identical repetition the service answers with
	// success: no conflict with one's own earlier success.
	Repeatable bool
	// Facet names the part where a call reads or replaces only a part of the key's state (metadata,
	// tags, tier, headers); empty for the content itself.
	Facet string

	// Message is the message: received ("ret0.Messages[]") or settled ("arg1").
	Message Path
	// Receipt is what proves the lease; NewReceipt is what a renewal returns.
	Receipt, NewReceipt Path
	// Body is the body that a renewal replaces; absent erases it.
	Body Path
	// Lease is how long a received (or renewed) message stays hidden.
	Lease Quantity
	// Batch is how many messages one receive may return (Default 1 unless said).
	Batch Quantity
	// Mode is the option that chooses whether a receive settles at once, and
	// AutoSettle the value (as the constant's exact string) that does.
	Mode       Path
	AutoSettle string
	// Handler is the function that a Subscribe gives each message to: "arg1".
	Handler Path
	// Pops marks a receive that settles what it returns before it returns it: nothing
	// comes twice, and what crashes after it is lost.
	Pops bool
	// Cumulative marks a settle that settles whatever was received before the message,
	// too: the offset of a partition, a multiple acknowledgement.
	Cumulative bool
	// Volatile marks a Subscribe whose messages are kept for nobody: what is missed is gone,
	// nothing comes twice, and no window opens.
	Volatile bool
	// Alone is the option of a Client without which it reads alone: it settles nothing, and
	// nothing is shown to it again. No window opens.
	Alone Path
	// Async marks a call that returns before it is done: its error comes with what it
	// returns, and until somebody asks for that the work is under way.
	Async bool
	// Unconfirmed marks a settle that no service answers: its error tells only that the
	// connection is gone, and success that nothing was refused yet.
	Unconfirmed bool
	// Statement is where the text of an SQL statement stands; what the call does is
	// read from it, and Role holds where the text is not known.
	Statement Path
	// DedupID is the identity by which a send or an external call is made once.
	DedupID []Path

	// Timeout bounds the call itself (http.Client.Timeout) or is how long it waits.
	Timeout Quantity
	// Under is the context, or the request that carries one, whose deadline
	// bounds the call.
	Under Path
	// Unbounded: without Timeout and deadline the call may wait for ever.
	Unbounded bool
	// Repeats marks tickers: the wait recurs with each tick.
	Repeats bool
	// Bulk marks calls that move a body of unknown size.
	Bulk bool
	// Retry is where a Client keeps its policy.RetryOptions-like struct.
	Retry Path

	// Fresh says in which way a Fresh result differs.
	Fresh FreshKind
	// Said marks an entry that a directive in the code makes; Source is the directive.
	Said bool
	// Results and Fails are the number of results, and whether the last of them is an
	// error, of a Said entry; all others have a result and an error where it matters.
	Results int
	Fails   bool
	// Plain marks a Receive whose messages have no type of their own: bytes, text.
	Plain bool
	// Space is the outermost part of the key where no argument says it: keys of
	// different spaces are different.
	Space string

	// Verb is where the HTTP method of an External call stands; FixedVerb is the
	// method where the call itself fixes it ("POST" for http.Post).
	Verb      Path
	FixedVerb string
	// Codes are the codes that a Condition tests for.
	Codes Path
}

// Message is a type that carries a received message.
type Message struct {
	// Type is the type's full name without pointer: "pkg/path.Name".
	Type string
	// Delivery lists fields that change with each delivery (receipt, count, times).
	Delivery []string
	// Identity lists fields that identify the message over all its deliveries.
	Identity []string
	// Receipt is the field that proves the lease; empty where the message itself does.
	Receipt string
	// Count is the field that counts deliveries.
	Count string
	// Returned: a function that is given the message, can fail and settles nothing
	// settles by what it returns: nil settles, an error gives the message back.
	Returned bool
	// Assumed: only what a receive returns says that the type carries a message, so that
	// a function that is given one may have it from anywhere.
	Assumed bool
	// Records is the field that lists the messages of an event that brings many.
	Records string
	// System as in Call.
	System string
	Source string
}

// RetryPolicy is what a client's retry options mean, with the SDK's defaults.
type RetryPolicy struct {
	// Type is the options' struct: "…/azcore/policy.RetryOptions".
	Type string
	// Names of its fields.
	MaxRetries, TryTimeout, RetryDelay, MaxRetryDelay string
	// Defaults; a TryTimeout of 0 is none.
	DefaultMaxRetries                                          int
	DefaultTryTimeout, DefaultRetryDelay, DefaultMaxRetryDelay time.Duration
	Source                                                     string
}

// Model is everything known about one SDK.
type Model struct {
	// Name for people: "Azure Queue Storage".
	Name string
	// Packages are the import paths that open the gate. The standard library's
	// models have none: time and randomness alone are no window.
	Packages []string
	Calls    []Call
	Messages []Message
	Retries  []RetryPolicy
	// Zero are package variables that hold a pointer to their type's zero value.
	Zero []string
}

// All lists every model, in a fixed order.
func All() []Model {
	return []Model{
		azqueueModel, azblobModel, aztablesModel, azservicebusModel, azcosmosModel, azcoreModel, stdModel, uuidModel,
		kafkagoModel, saramaModel, amqpModel, natsModel, redisModel, franzModel, confluentModel,
		gcpPubsubModel, gcpStorageModel, gcpFirestoreModel, gcpDatastoreModel, gcpBigqueryModel, gocloudModel,
		asynqModel, riverModel, watermillModel, cloudeventsModel, daprModel,
		awsModel, sqsModel, s3Model, dynamodbModel, awsSendModel, lambdaModel,
		sqlModel, pgxModel, gormModel, mongoModel, restyModel, stripeModel, mailModel,
	}
}

// Index answers questions about all models.
type Index struct {
	calls    map[string]*Call
	messages map[string]*Message
	retries  map[string]*RetryPolicy
	packages map[string]bool
	zero     map[string]bool
	over     *overlay
}

// NewIndex builds the index of the given models.
func NewIndex(all []Model) *Index {
	ix := &Index{
		calls:    map[string]*Call{},
		messages: map[string]*Message{},
		retries:  map[string]*RetryPolicy{},
		packages: map[string]bool{},
		zero:     map[string]bool{},
	}
	for i := range all {
		m := &all[i]
		for j := range m.Calls {
			ix.calls[m.Calls[j].Func] = &m.Calls[j]
		}
		for j := range m.Messages {
			ix.messages[m.Messages[j].Type] = &m.Messages[j]
		}
		for j := range m.Retries {
			ix.retries[m.Retries[j].Type] = &m.Retries[j]
		}
		for _, z := range m.Zero {
			ix.zero[z] = true
		}
		for _, p := range m.Packages {
			ix.packages[p] = true
		}
	}
	return ix
}

// Call returns the entry for a function's full name, or nil.
func (ix *Index) Call(fullName string) *Call {
	if ix.over != nil && ix.over.calls[fullName] != nil {
		return ix.over.calls[fullName]
	}
	return ix.calls[fullName]
}

// Message returns the entry for a type's full name, or nil.
func (ix *Index) Message(typeName string) *Message {
	if m := ix.messages[typeName]; m != nil || ix.over == nil {
		return m
	}
	return ix.over.messages[typeName]
}

// Leases reports whether some call of the system tells of a lease.
func (ix *Index) Leases(system string) bool {
	for _, c := range ix.calls {
		if c.System == system && c.Lease != (Quantity{}) {
			return true
		}
	}
	return false
}

// Messages lists the message types, in no fixed order.
func (ix *Index) Messages() []*Message {
	list := make([]*Message, 0, len(ix.messages))
	for _, m := range ix.messages {
		list = append(list, m)
	}
	if ix.over != nil {
		for _, m := range ix.over.messages {
			list = append(list, m)
		}
	}
	return list
}

// Retries lists the retry policies, sorted by type.
func (ix *Index) Retries() []*RetryPolicy {
	list := make([]*RetryPolicy, 0, len(ix.retries))
	for _, p := range ix.retries {
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b *RetryPolicy) int { return strings.Compare(a.Type, b.Type) })
	return list
}

// Retry returns the retry policy that a struct type stands for, or nil.
func (ix *Index) Retry(typeName string) *RetryPolicy { return ix.retries[typeName] }

// Zero reports whether the package variable ("net/http.DefaultClient") holds a
// pointer to its type's zero value.
func (ix *Index) Zero(variable string) bool { return ix.zero[variable] }

// Opens reports whether importing the package opens the gate.
func (ix *Index) Opens(importPath string) bool {
	return ix.packages[importPath] || ix.over != nil && ix.over.packages[importPath]
}
