// Package sideeffect reports effects outside of blobs and queues that a redelivery makes
// a second time: requests, mails, payments, rows.
package sideeffect

import (
	"go/token"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, judgeAll)

// judgeAll reports each place once, however many ways lead to it.
func judgeAll(w *window.Window) []finding.Finding {
	if w.AutoSettles() {
		return nil // nothing comes twice
	}
	var list []finding.Finding
	told := map[token.Pos]bool{}
	for _, x := range w.Held() {
		r, ok := repeats(w, x)
		if !ok || told[w.Place(x)] || guarded(w, x) {
			continue
		}
		told[w.Place(x)] = true
		list = append(list, describe(w, x, r))
	}
	return list
}

// repetition is an effect that is made twice, in words.
type repetition struct {
	// what it does, without what should go with it: "sends a POST without …".
	does string
	// once and again are the schedule's steps.
	once, again string
}

// repeats tells what is made twice when the effect is repeated; ok is false where that
// does no harm, or where it is not known.
func repeats(w *window.Window, x *window.Effect) (r repetition, ok bool) {
	if x.Model == nil {
		return r, false
	}
	switch {
	case x.Model.Statement != "":
		return inserts(w, x, read(x))
	case x.Model.FixedVerb == "COPY":
		return repetition{
			"loads rows without a mark of the message", "loads the rows", "loads the rows a second time",
		}, ofMessage(w, x)
	case x.Role == models.Create && x.Model.FixedVerb == "INSERT":
		return creates(w, x)
	case x.Role != models.External:
		return r, false
	}
	switch verb := engine.Verb(x.Slots[summary.Verb]); verb {
	case "DATA":
		return repetition{
			"sends a mail", "sends the mail", "sends the mail a second time",
		}, ofMessage(w, x)
	case "POST", "PATCH":
		if !ofMessage(w, x) || asks(x) || keyed(w, x) || fresh(w, x) {
			return r, false
		}
		return repetition{
			"sends a " + verb + " without an idempotency key", "sends the " + verb + " and is answered", "sends the same " + verb + " again",
		}, true
	}
	return r, false
}

// ofMessage reports whether what is sent is made of the message.
func ofMessage(w *window.Window, x *window.Effect) bool {
	return w.OfMessage(x.Slots[summary.Key]) || w.OfMessage(x.Slots[summary.Content]) || w.OfMessage(x.Slots[summary.Verb])
}

// fresh reports whether what is sent has an identity that changes with each attempt:
// that is the cause, and the check freshkey tells it.
func fresh(w *window.Window, x *window.Effect) bool {
	for _, id := range window.Named(x.Slots[summary.Content]) {
		if f := w.Bare(id); f != nil && !w.Pinned(f) {
			return true
		}
	}
	return false
}

func describe(w *window.Window, x *window.Effect, r repetition) finding.Finding {
	related := append(w.Opening(), w.Related(x, "done here: "+x.What())...)
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(x), Related: append(related, w.Settling()...),
		Message: x.What() + " " + r.does + ", and nothing tells that it was done for this message before: a message that is delivered twice does it twice",
		Schedule: []string{
			w.Received(1),
			window.Step("worker 1 %s (%s)", r.once, x.Name()),
			w.LostDelete(1),
			w.Expires(),
			window.Step("worker 2 gets the message and %s (%s)", r.again, x.Name()),
		},
	}
}

// request is the call that made the request of an effect, or nil.
func request(x *window.Effect) *value.Value {
	var found *value.Value
	value.Walk(x.Slots[summary.Verb], func(v *value.Value) bool {
		if v.Kind == value.Apply && (v.Text == "net/http.NewRequest" || v.Text == "net/http.NewRequestWithContext") && found == nil {
			found = v
		}
		return found == nil
	})
	return found
}

// address is where an effect's request goes to.
func address(x *window.Effect) *value.Value {
	r := request(x)
	if r == nil {
		return x.Slots[summary.Key]
	}
	at := 1
	if r.Text == "net/http.NewRequestWithContext" {
		at = 2
	}
	if at < len(r.Args) {
		return r.Args[at]
	}
	return x.Slots[summary.Key]
}
