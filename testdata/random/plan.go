package random

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Plan is a handler before it is written down. The zero value of each field is the
// simplest choice and does no harm, so that shrinking and curing are one thing: fields go
// back to zero.
type Plan struct {
	Theme int
	// Style decides what makes no difference to what the handler does: names, spellings,
	// which of two calls that do the same.
	Style uint64
	// Spelling are such choices one by one, over those that Style makes: by what is chosen, which
	// one of the possibilities.
	Spelling map[string]int

	// Lease is the visibility timeout in seconds; 0 leaves it to the service, which takes 30.
	Lease int
	// Batch is how many messages one receive may bring, handled one after the other; 0 is one
	// message.
	Batch int
	// Forever is a loop; otherwise the handler receives once and returns.
	Forever bool
	// Methods of a struct that holds the clients, instead of functions that are given them.
	Methods bool
	// Layout says which function does what:
	//	""        all in the one that receives
	//	"handle"  a function decodes, works and deletes
	//	"work"    a function decodes and works, and its caller deletes
	Layout string
	// Delete is when the message is deleted:
	//	""          last, when all that the message asks for is done
	//	"deferred"  at the return of the function, whatever happened
	//	"first"     before the work
	//	"onerror"   last, and where the work failed too
	//	"forgotten" not on the way of some messages
	//	"arms"      on the way of some messages by itself, and last on the others
	Delete string
	// DeleteError is what becomes of the delete's error: "" returned, "log", "drop".
	DeleteError string
	// GiveUp deletes a message that was delivered too often.
	GiveUp bool
	// QueueID: the id is the one that the queue gave the message, not one in its body.
	QueueID bool
	// Fetch and Ack are functions of their own for the receive and the delete.
	Fetch, Ack bool
	// Container: blobs are reached by the client of their container.
	Container bool
	// Renew is a goroutine beside the work that renews the lease.
	Renew bool

	Steps []Step
}

// Step is one statement of the work.
type Step struct {
	// ID stays the same while other steps are dropped.
	ID int
	// Kind is what is done:
	//	""        an unconditional write
	//	"create"  a write of what is not there yet
	//	"change"  a read-modify-write
	//	"send"    a message to another queue
	//	"wait"    a sleep
	//	"look"    a read of which nothing is made
	//	"line"    a line at the end of an append blob
	Kind string
	// Row of a table instead of a blob.
	Row bool
	// Key is what is written: "" of the message's own id, "group" of what several messages
	// have in common, "single" a constant, "fresh" a random one.
	Key string
	// Content of an unconditional write or a creation: "" the message, "text" made of it,
	// "digest" of it, "stamp" the message and the time, "expiry" and a time to come,
	// "random" and a UUID, "mixed" and what another key holds, "beat" the time alone.
	Content string
	// Change is what a read-modify-write does:
	//	""        the greater of the two
	//	"add"     to a sum
	//	"count"   one more
	//	"set"     what the message says
	//	"append"  to a list
	//	"include" in a list, if it is not there
	//	"entry"   into a map, under the message's id
	//	"tally"   into a map, under the group, to a sum
	//	"grow"    a text
	//	"chain"   a hash over the one before
	Change string
	// Guard looks whether the message was applied before: "" it does not, "applied" by a list
	// beside the value, "seen" by a map beside the value, "older" by the last number beside the
	// value, "after" by a row of its own that is written after, "before" by one that is
	// written before, "tx" by one that is written in the same transaction, "exists" whether
	// the key itself is there.
	Guard string
	// Match is the precondition of the write: "" the ETag of the read, "none", "wildcard",
	// "other" the ETag of another key.
	Match string
	// Retries after a conflict, from the read; 0 returns the conflict as an error.
	Retries int
	// Absent: what is read need not be there.
	Absent bool
	// Conflict of a creation: "" is success, "error" is returned, "done" ends the work, since
	// the message seems to be handled.
	Conflict string
	// Stamp: the time of the change is written too.
	Stamp bool

	// Place is where the step stands: "" in line, "closure", "func" in a function of its own,
	// "deep" in one more below it, "go" in a goroutine, "wg" in one that is waited for.
	Place string
	// Via is how it reaches the store: "" it calls the SDK itself, "funcs" by functions,
	// "generic" by generic ones, "iface" behind an interface, "swap" by a generic function that
	// is given the change.
	Via string
	// OnError: "" is returned, "log" logged and passed over, "drop" not looked at, "retry"
	// tried again and returned, "retrylog" tried again and passed over.
	OnError string
	// Seconds of a wait.
	Seconds int
	// Large: only for messages with a large amount.
	Large bool
}

// Features are the choices in which a plan differs from the simplest one, without what
// makes no difference: the shape of a handler.
func (p Plan) Features() []string {
	var list []string
	list = appendFeatures(list, "", reflect.ValueOf(p))
	for _, s := range p.Steps {
		kind := s.Kind
		if kind == "" {
			kind = "put"
		}
		list = append(list, kind)
		s.Kind = ""
		list = appendFeatures(list, kind+".", reflect.ValueOf(s))
	}
	return list
}

// explicit is the same handler with its spelling written out.
func (p Plan) explicit() Plan {
	s := p.source()
	s.worker()
	p.Style, p.Spelling = 0, s.spelled
	return p
}

func appendFeatures(list []string, prefix string, v reflect.Value) []string {
	for i := range v.NumField() {
		f, name := v.Field(i), v.Type().Field(i).Name
		switch name {
		case "Theme", "Style", "Spelling", "ID", "Steps":
			continue
		}
		if f.IsZero() || name == "Absent" && v.FieldByName("Key").IsZero() { // which goes without saying
			continue
		}
		feature := prefix + strings.ToLower(name)
		if f.Kind() != reflect.Bool {
			feature += "=" + fmt.Sprint(f.Interface())
		}
		list = append(list, feature)
	}
	return list
}

// Shape is the features in one line.
func (p Plan) Shape() string { return strings.Join(p.Features(), " ") }

// lease is the visibility timeout in seconds.
func (p *Plan) lease() int {
	if p.Lease == 0 {
		return 30
	}
	return p.Lease
}

// batch is how many messages one receive may bring.
func (p *Plan) batch() int { return max(p.Batch, 1) }

// writes tells whether a step leaves something behind.
func (s *Step) writes() bool { return s.Kind != "wait" && s.Kind != "look" }

// relative changes come to something else when they are repeated.
func (s *Step) relative() bool {
	switch s.Change {
	case "add", "count", "append", "tally", "grow", "chain":
		return s.Kind == "change"
	}
	return s.Kind == "line"
}

// marked tells whether the step looks for a mark of the message that is written together
// with the value.
func (s *Step) marked() bool { return s.beside() || s.Guard == "tx" }

// beside tells whether that mark is part of the value.
func (s *Step) beside() bool { return s.Guard == "applied" || s.Guard == "seen" || s.Guard == "older" }

// apart tells whether its mark stands in a row of its own.
func (s *Step) apart() bool { return s.Guard == "after" || s.Guard == "before" }

// inFunction tells whether the step is in a function or closure of its own, which it can
// leave by a return.
func (s *Step) inFunction() bool { return s.Place != "" }

// normal brings a plan into the form in which choices that cannot be made together, or that
// would make no difference, are zero. Every plan can be written in its normal form.
func (p Plan) normal() Plan {
	steps := make([]Step, 0, len(p.Steps))
	for _, s := range p.Steps {
		steps = append(steps, s.normal())
	}
	p.Steps = steps
	if p.Renew && p.Layout == "" {
		p.Layout = "handle"
	}
	switch p.Delete {
	case "deferred":
		if p.Layout != "handle" {
			p.Layout = "handle"
		}
		p.DeleteError = "drop"
	case "onerror":
		p.Layout = "work"
	case "forgotten", "arms":
		if p.Layout == "work" {
			p.Layout = "handle"
		}
	}
	if p.Delete == "forgotten" || p.Delete == "arms" {
		for i := p.branchAt(); i < len(steps); i++ {
			steps[i].Large = false // those have left before
		}
	}
	if p.Delete == "deferred" || p.Delete == "first" {
		p.Renew = false
	}
	if p.Delete == "forgotten" || p.seconds() >= p.lease() || slices.ContainsFunc(steps, func(s Step) bool { return s.Match == "other" }) {
		p.GiveUp = false // else what never ends would end there
	}
	return p
}

func (s Step) normal() Step {
	keep := Step{ID: s.ID, Kind: s.Kind, Place: s.Place, OnError: s.OnError, Large: s.Large}
	switch s.Kind {
	case "":
		keep.Row, keep.Key, keep.Content, keep.Via = s.Row, s.Key, s.Content, s.Via
		if s.Guard == "exists" && s.Key != "fresh" {
			keep.Guard = s.Guard
		}
	case "line":
		keep.Key = s.Key
	case "create":
		keep.Row, keep.Key, keep.Content, keep.Via, keep.Conflict = s.Row, s.Key, s.Content, s.Via, s.Conflict
	case "change":
		keep.Row, keep.Key, keep.Change, keep.Guard, keep.Match, keep.Retries = s.Row, s.Key, s.Change, s.Guard, s.Match, s.Retries
		keep.Absent, keep.Stamp, keep.Via = s.Absent, s.Stamp, s.Via
	case "send":
		keep.Content = s.Content
	case "wait":
		keep.Seconds = max(s.Seconds, 1)
	case "look":
		keep.Row, keep.Key = s.Row, s.Key
	}
	if s.writes() && s.apart() {
		keep.Guard = s.Guard
	}
	keep.fit()
	return keep
}

// fit takes back what the step's other choices do not allow.
func (s *Step) fit() {
	if s.Kind == "change" {
		if s.Key == "fresh" {
			s.Key = ""
		}
		if s.Guard == "exists" {
			s.Guard = ""
		}
		if s.Guard == "tx" {
			// A transaction is made of rows of one partition.
			s.Row, s.Via = true, ""
			if s.Key == "" {
				s.Key = "group"
			}
			if s.Match != "none" {
				s.Match = ""
			}
			s.Absent, s.Retries = false, 0
		}
		if s.Match != "" || s.Via == "swap" && s.Match == "other" {
			s.Retries = 0
		}
		if s.Match == "wildcard" && s.Absent {
			s.Absent = false
		}
		if s.Match == "other" {
			s.Absent = false
			if s.Via != "" {
				s.Via = ""
			}
		}
		if s.Key == "" {
			s.Absent = true // nobody else makes a value for a message
		}
		if s.Key == "" && s.Match != "" {
			s.Key, s.Absent = "group", s.Match == "none" && s.Absent
		}
		if s.Match == "other" {
			s.Row = false
		}
		if s.apart() {
			s.Retries = 0
		}
		if s.Row && !s.flat() && (s.Via == "generic" || s.Via == "swap") {
			s.Via = "funcs"
		}
	} else if s.Via == "swap" {
		s.Via = "generic"
	}
	if s.Kind == "send" && s.Content != "random" && s.Content != "stamp" && s.Content != "text" {
		s.Content = ""
	}
	if s.Key == "fresh" && (s.Content == "random" || s.Content == "expiry" || s.Content == "mixed") {
		s.Content = ""
	}
	if s.Kind == "create" && s.Key == "fresh" {
		s.Conflict = ""
	}
	if s.Kind == "create" && s.Content == "mixed" {
		s.Content = "" // it is only the first time that counts, but others change the settings by then
	}
	if s.Kind == "line" && s.Key == "fresh" {
		s.Key = ""
	}
	if s.Place == "go" || s.Place == "wg" && s.OnError == "retry" {
		s.OnError = "" // the goroutine logs, and what is waited for is not started again
	}
	if s.Place == "wg" && s.OnError == "retrylog" {
		s.OnError = "log"
	}
	if s.Conflict == "done" {
		s.Guard = "" // it is one itself
		s.Place, s.Via, s.OnError = "", "", ""
	}
	// A loop, a mark of its own and what comes after a failed step need a function to
	// return from.
	if s.Place == "" && (s.Retries > 0 || s.apart() || s.Guard == "tx" || s.Guard == "exists" || s.OnError != "" && s.Kind != "" && s.Kind != "send") {
		s.Place = "func"
	}
	if s.Kind == "wait" {
		s.OnError = ""
	}
	if (s.Kind == "wait" || s.Kind == "look") && (s.Place == "go" || s.Place == "wg") {
		s.Place = "func"
	}
}
