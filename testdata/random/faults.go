package random

import (
	"slices"

	"github.com/idemlint/idemlint/analyzer"
)

// Fault is a choice that may do harm, and who ought to say so.
type Fault struct {
	// Check is the check that ought to report it, or the concept that no check looks at yet.
	Check string
	// Step is the index of the step it is in, -1 for the worker around the steps.
	Step int
	// Beside: it does harm only together with another fault, whose check may speak instead.
	Beside bool
	cure   func(*Plan)
}

// concepts are harms that no check reports yet, or that a check is silent on by what its
// documentation says, each with the reason.
var concepts = map[string]string{
	"checkthenact": "it is looked for first, and written then: planned, not built",
	"sends":        "a message that is sent twice: sideeffect says that it never reports a message that is sent on",
	"conflict":     "the conflict with the handler's own earlier success is returned as an error: planned, not built",
	"guardskip":    "what an earlier attempt left behind ends the work before the rest is done: planned, not built",
	"markfirst":    "the mark is written before what it stands for: planned, not built",
	"markapart":    "the mark is written after what it stands for, in another row: planned as checkthenact, not built",
	"oldstate":     "an old message comes back over a newer one under a key made of the message, or under an ETag: blobwrite says that it cannot see which messages share a key, and etag that it asks for lost updates only",
	"order":        "two values that depend on the order of the messages are written one after the other: a crash in between lets another message come first to one of them; nobody looks at that",
	"unrelated":    "what is lost does not depend on the message: earlydelete says that it is silent there",
	"pathleft":     "a way without effects that leaves the message: missingdelete says that it is silent there",
}

// built tells whether a fault's check is one of the suite.
func built(check string) bool {
	return slices.ContainsFunc(analyzer.Checks(), func(c analyzer.Check) bool { return c.Analyzer.Name == check })
}

// Faults are the choices of a plan in normal form that may do harm.
func (p Plan) Faults() []Fault {
	var list []Fault
	worker := func(check string, cure func(*Plan)) { list = append(list, Fault{Check: check, Step: -1, cure: cure}) }
	switch p.Delete {
	case "deferred", "onerror":
		worker("deleteonerror", func(p *Plan) { p.Delete = "" })
	case "first":
		check := "unrelated"
		for _, s := range p.Steps {
			if s.writes() && s.Content != "beat" {
				check = "earlydelete"
			}
		}
		worker(check, func(p *Plan) { p.Delete = "" })
	case "forgotten":
		check := "pathleft"
		for _, s := range p.Steps[:p.branchAt()] {
			if s.writes() {
				check = "missingdelete"
			}
		}
		worker(check, func(p *Plan) { p.Delete = "arms" })
	}
	if p.DeleteError == "drop" && p.repeatsBadly() {
		worker("missingdelete", func(p *Plan) { p.DeleteError = "" })
		list[len(list)-1].Beside = true
	}
	if !p.Renew && p.seconds() >= p.lease() {
		worker("visibility", func(p *Plan) {
			for i := range p.Steps {
				if p.Steps[i].Kind == "wait" {
					p.Steps[i].Seconds = 1
				}
			}
		})
	}
	ordered := 0
	for i, s := range p.Steps {
		for _, f := range s.faults(i == p.last()) {
			f.Step = i
			list = append(list, f)
		}
		if s.ordered() {
			ordered++
		}
	}
	if ordered > 1 {
		worker("order", func(p *Plan) { p.arrange("") })
	}
	return list
}

// arrange leaves one step that depends on the order of the messages: the first one, or the
// ones with a fault of this check.
func (p *Plan) arrange(check string) {
	kept := false
	for i := range p.Steps {
		s := &p.Steps[i]
		if !s.ordered() {
			continue
		}
		if slices.ContainsFunc(s.faults(i == p.last()), func(f Fault) bool { return f.Check == check }) || check == "" && !kept {
			kept = true
			continue
		}
		s.disorder()
	}
}

// branchAt is how many steps come before the way that Delete "forgotten" and "arms" mean.
func (p *Plan) branchAt() int { return len(p.Steps) - len(p.Steps)/2 }

// last is the index of the last step that leaves something behind.
func (p *Plan) last() int {
	at := -1
	for i, s := range p.Steps {
		if s.writes() {
			at = i
		}
	}
	return at
}

// seconds is how long the waits take while a message is held, for the last message of a
// batch.
func (p *Plan) seconds() int {
	sum := 0
	for _, s := range p.Steps {
		if s.Kind == "wait" {
			sum += s.Seconds
		}
	}
	return sum * p.batch()
}

// repeatsBadly tells whether something is done that must not be repeated.
func (p *Plan) repeatsBadly() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool {
		return s.Kind == "send" || s.relative() && !s.marked()
	})
}

// faults are those of one step. The last one that writes has nothing after it to skip.
func (s Step) faults(last bool) []Fault {
	var list []Fault
	add := func(check string, cure func(*Step)) {
		list = append(list, Fault{Check: check, cure: nil})
		list[len(list)-1].cure = func(p *Plan) {
			for i := range p.Steps {
				if p.Steps[i].ID == s.ID {
					cure(&p.Steps[i])
				}
			}
		}
	}
	switch s.OnError {
	case "log", "drop", "retrylog":
		if s.Kind != "look" {
			add("deleteonerror", func(s *Step) { s.OnError = "" })
		}
	}
	if s.Place == "go" {
		add("earlydelete", func(s *Step) { s.Place = "wg" })
	}
	switch s.Guard {
	case "before":
		add("markfirst", func(s *Step) { s.Guard = "" })
		return list
	case "exists":
		if s.Key != "" || s.Content == "random" {
			add("checkthenact", func(s *Step) { s.Guard, s.Key, s.Content = "", "", "" })
			return list
		}
	case "after":
		if s.Kind == "send" || s.relative() || s.Key == "fresh" || s.Kind == "" && s.Key == "single" || s.Content == "random" {
			add("markapart", func(s *Step) { s.Guard = ""; s.mend() })
			return list
		}
	}
	if s.Key == "fresh" {
		add("freshkey", func(s *Step) { s.Key = "" })
	}
	switch s.Kind {
	case "":
		list = append(list, s.putFaults(add)...)
	case "create":
		if s.Conflict == "error" {
			add("conflict", func(s *Step) { s.Conflict = "" })
		}
		if s.Conflict == "done" && !last {
			add("guardskip", func(s *Step) { s.Conflict = "" })
		}
	case "change":
		list = append(list, s.changeFaults(add)...)
	case "line":
		add("increment", func(s *Step) { *s = Step{ID: s.ID, Place: s.Place, OnError: s.OnError} })
	case "send":
		add("sends", func(s *Step) { *s = Step{ID: s.ID, Place: s.Place, OnError: s.OnError} })
		if s.Content == "random" {
			add("freshkey", func(s *Step) { s.Content = "" })
		}
	}
	return list
}

func (s Step) putFaults(add func(string, func(*Step))) []Fault {
	switch s.Content {
	case "random", "expiry", "mixed":
		add("blobwrite", func(s *Step) { s.Content = "" })
	}
	switch {
	case s.Content == "beat":
	case s.Key == "single":
		add("blobwrite", func(s *Step) { s.Key = "" })
	case s.Key == "group":
		add("oldstate", func(s *Step) { s.Key = "" })
	}
	return nil
}

func (s Step) changeFaults(add func(string, func(*Step))) []Fault {
	if s.Match != "" {
		add("etag", func(s *Step) { s.Match = "" })
	}
	if s.relative() && !s.marked() {
		add("increment", func(s *Step) { s.Change = "" })
	}
	if s.Change == "set" && s.Key != "" && !s.marked() {
		add("oldstate", func(s *Step) { s.Change = "" })
	}
	return nil
}

// mend makes a step harmless whose mark was its only guard.
func (s *Step) mend() {
	switch {
	case s.Kind == "send" || s.Kind == "line":
		*s = Step{ID: s.ID, Place: s.Place, OnError: s.OnError}
	case s.Kind == "change":
		s.Change = ""
	default:
		s.Key, s.Content = "", ""
	}
}

// ordered tells whether what the step leaves behind depends on the order of the messages.
func (s *Step) ordered() bool {
	switch s.Kind {
	case "":
		return s.Key == "single" || s.Key == "group" || s.Content == "mixed"
	case "create", "line":
		return s.Key == "single" || s.Key == "group"
	case "send":
		return false // a queue has no order
	case "change":
		if s.Key == "" {
			return false
		}
		switch s.Change {
		case "set", "append", "include", "grow", "chain":
			return true
		}
		return s.Guard == "applied" || s.Guard == "older"
	}
	return false
}

// disorder makes the order of the messages indifferent to the step.
func (s *Step) disorder() {
	if s.Kind != "change" {
		s.Key = ""
		if s.Content == "mixed" {
			s.Content = ""
		}
		return
	}
	switch s.Change {
	case "set", "append", "include", "grow", "chain":
		s.Change = ""
	}
	if s.Guard == "applied" || s.Guard == "older" {
		s.Guard = ""
	}
	if s.relative() && s.Guard == "" {
		s.Change = ""
	}
}

// Only is the plan in which every fault but those of one check is cured.
func (p Plan) Only(check string) Plan {
	p.Steps = slices.Clone(p.Steps)
	for range 8 { // a cure can bring out another fault
		again := false
		for _, f := range p.Faults() {
			if f.Check != check && f.Check != "order" {
				f.cure(&p)
				again = true
			}
		}
		if slices.Contains(p.Suspects(), "order") {
			p.arrange(check)
		}
		p = p.normal()
		if !again {
			break
		}
	}
	return p
}
