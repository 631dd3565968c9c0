// Package summary says what a function does to queues and stores, so that its
// callers need not look into it again. Summaries of other packages arrive as facts.
package summary

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Pos is a place without absolute paths.
type Pos struct {
	Pkg, File string
	Line, Col int
}

// Valid reports whether the place is known.
func (p Pos) Valid() bool { return p.Line > 0 }

func (p Pos) String() string {
	return p.Pkg + "/" + p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}

// Compare orders places.
func (p Pos) Compare(q Pos) int {
	return cmp.Or(cmp.Compare(p.Pkg, q.Pkg), cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Col, q.Col))
}

// Slot is what an effect knows of its operands.
type Slot uint8

const (
	// Key is a List of the parts that address what is touched, outermost first.
	Key Slot = iota
	// Content is what is written or sent.
	Content
	// IfMatch and IfNoneMatch are the preconditions; nil where the call has none
	// to give, a Nil value where it has and none was given.
	IfMatch
	IfNoneMatch
	// Conditions is a List of other preconditions.
	Conditions
	// Message and Receipt are what is settled or renewed, and by which proof.
	Message
	Receipt
	// Lease and Batch of a receive or renewal.
	Lease
	Batch
	// Client is the client of the call, with its options.
	Client
	// Duration is how long the call takes, as far as known.
	Duration
	// Dedup is a List of identities by which the effect happens once.
	Dedup
	// Guards is a List of the conditions that the effect hangs on.
	Guards
	// Verb is the HTTP method of an external call.
	Verb
	// Callee and Args are those of a call that is not resolved yet.
	Callee
	Args
	// NumSlots counts the slots.
	NumSlots
)

// Dynamic is the role of a call that is not resolved yet.
const Dynamic models.Role = 200

// Opaque is the role of a call that leaves the module and has no model.
const Opaque models.Role = 201

// Effect is one thing that a function does.
type Effect struct {
	Role models.Role
	// Func is the model's key, or the method or function that was called.
	Func  string
	Inst  uint64
	Pos   Pos
	Chain []Pos // the calls that lead to Pos, outermost first
	Slots [NumSlots]*value.Value
	// Task is the goroutine that it happens in, 0 for the caller's own.
	Task uint64
	// Held: it can happen while the message is not settled. Late: it can happen
	// after a settle.
	Held, Late bool
	// LateAfter is the instance of the settle that a late effect comes after, 0 where it
	// is not known.
	LateAfter uint64
	// InBatch: once for each message of a batch, one after another.
	InBatch bool
	// Dropped: the call's error is not looked at.
	Dropped bool
	// Resolved: it became known only where this summary's values met.
	Resolved bool
	// Via is the concrete type that an interface call was resolved to, in the package
	// that resolved it.
	Via string
	// Escapes: a received message leaves the function, so the window is its caller's.
	Escapes bool
	// Table and Arm tell which entry of a dispatch table led here; Table is 0 where
	// none did.
	Table uint64
	Arm   int
	// Looping: it stands in a loop of its function.
	Looping bool
	// Failed is the instance of the effect whose failure a way to this settle met, 0 where
	// it is not known, and FailedAt the call that failed.
	Failed   uint64
	FailedAt Pos
	// AheadAt is where work was started elsewhere (a goroutine, a channel) that a way to
	// this settle did not wait for.
	AheadAt Pos
	// RestAt is where a handler that is given many messages takes one of them, where it
	// settles all but works on some.
	RestAt Pos
}

// Model is the effect's model, or nil.
func (e *Effect) Model(ix *models.Index) *models.Call { return ix.Call(e.Func) }

// Place is where the effect is reached from the function that owns the list.
func (e *Effect) Place() Pos {
	if len(e.Chain) > 0 {
		return e.Chain[0]
	}
	return e.Pos
}

// Known is what is known of a result: one of the words below, or "=" and the
// exact constant.
type Known string

const (
	// Either is not known.
	Either Known = ""
	// Absent is nil or false.
	Absent Known = "nil"
	// Present is set or true.
	Present Known = "set"
)

// Custody says who has the message.
type Custody uint8

const (
	// None: no message is in hand.
	None Custody = iota
	// Held: it is in hand, not settled.
	Held
	// Settled: settled, given back or moved aside.
	Settled
	// Handed: another goroutine has it.
	Handed
)

// Outcome is one way in which a call may end.
type Outcome struct {
	Custody Custody
	// Worked: an effect was made. Failed: an error was met. Already: the way hangs
	// on a look that found the work done. Released: left or given back on purpose,
	// or perhaps settled by what could not be looked into.
	Worked, Failed, Already, Released bool
	// Swallowed: work failed and the results do not say so. Ahead: work that it started
	// elsewhere may still run.
	Swallowed, Ahead bool
	// Raises: it ends with an error that somebody else collects.
	Raises  bool
	Results []Known
	// When is what captured variables must hold for this way to be taken.
	When []Captured
	// Exit is where the function is left; Blame where a message was left unsettled
	// in a function that settles on other ways.
	Exit, Blame Pos
}

// Captured is what a function literal's captured variable holds.
type Captured struct {
	Free int
	Is   Known
}

// Out is a change that a call makes to what a parameter (or, behind the
// parameters, a captured variable) points to.
type Out struct {
	Param int
	Path  []string
	Value *value.Value
}

// Window is a window that is not fully known yet: its values wait for callers.
type Window struct {
	Func    string
	Receive Effect
	Effects []Effect
	Serial  *value.Value
	// Known are the findings already made, as hashes, so that none is made twice.
	Known []uint64
}

// Summary is one function.
type Summary struct {
	Name    string
	Params  int
	Results []*value.Value
	Outs    []Out
	Effects []Effect
	// Outcomes are empty where the function never returns.
	Outcomes []Outcome
	// Serial is how long a call holds its caller up, Until how long it is to its last
	// effect or settle, Parallel how long the longest goroutine works that it hands
	// the message to.
	Serial, Until, Parallel *value.Value
	// Settles: some way through it settles the message.
	Settles bool
	Windows []Window
}

// Key sorts effects that are otherwise alike.
func (e *Effect) Key() string {
	s := e.Pos.String() + " " + e.Func
	for _, c := range e.Chain {
		s += " " + c.String()
	}
	return s
}

// Map rewrites every value of the summary's effect.
func (e *Effect) Map(f func(*value.Value) *value.Value) {
	for i, v := range e.Slots {
		if v != nil {
			e.Slots[i] = f(v)
		}
	}
}

// Trivial reports whether a caller learns nothing from the summary.
func (s *Summary) Trivial() bool {
	if len(s.Effects) > 0 || len(s.Windows) > 0 || len(s.Outs) > 0 || s.Serial != nil {
		return false
	}
	return !slices.ContainsFunc(s.Results, func(v *value.Value) bool {
		return v != nil && v.Kind != value.Unknown
	})
}
