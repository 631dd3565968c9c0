// Package freshkey reports identities that change with each attempt.
package freshkey

import (
	"strings"

	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, judgeAll)

// judgeAll reports each changing value once, however many effects use it.
func judgeAll(w *window.Window) []finding.Finding {
	if w.AutoSettles() {
		return nil // nothing comes twice
	}
	var list []finding.Finding
	told := map[*value.Value]bool{}
	for _, x := range w.Held() {
		changing, what := judge(w, x)
		if changing == nil || told[changing] {
			continue
		}
		told[changing] = true
		f := describe(w, x, changing, what)
		f.Fixes = mend(w, x, changing)
		list = append(list, f)
	}
	if len(list) > 1 {
		for i := range list {
			list[i].Fixes = nil // several things of one message cannot all have its id
		}
	}
	return list
}

// judge finds the identity of what an effect makes that changes with each attempt, and
// says what it is used as.
func judge(w *window.Window, x *window.Effect) (changing *value.Value, what string) {
	switch x.Role {
	case models.Write, models.Create, models.Append:
		key := x.Slots[summary.Key]
		if c := w.Changing(key); c != nil && !w.Pinned(c) && !window.Passing(key) && !w.Undone(key) && !w.Recorded(x) {
			return c, "the key"
		}
	case models.Send:
		if c := w.Changing(x.Slots[summary.Dedup]); c != nil && !w.Pinned(c) {
			return c, "the message id by which duplicates are found"
		}
		return named(w, x, x.Slots[summary.Content])
	case models.External:
		for _, key := range x.IdempotencyKeys() {
			if c := w.Changing(key); c != nil && !w.Pinned(c) {
				return c, "the idempotency key"
			}
		}
		return named(w, x, x.Slots[summary.Verb])
	}
	return nil, ""
}

// named judges the identities inside what is sent.
func named(w *window.Window, x *window.Effect, content *value.Value) (*value.Value, string) {
	if window.Passing(x.Slots[summary.Key]) || !w.OfMessage(content) {
		return nil, "" // a credential, a greeting: it is not made of the message
	}
	for _, id := range window.Named(content) {
		if f := w.Bare(id); f != nil && !w.Pinned(f) {
			return f, "the identity"
		}
	}
	return nil, ""
}

func describe(w *window.Window, x *window.Effect, changing *value.Value, what string) finding.Finding {
	made := "made by this call"
	if x.Role == models.Send || x.Role == models.External {
		made = "sent by this call"
	}
	related := append(w.Opening(), w.Related(x, made+": "+x.What())...)
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(x), Related: append(related, w.Settling()...),
		Message: what + " of what " + x.What() + " makes changes with each attempt (" + source(changing) + "): a message that is delivered twice makes it twice",
		Schedule: []string{
			w.Received(1),
			window.Step("worker 1 makes one of it (%s), under identity 1", x.Name()),
			w.LostDelete(1),
			w.Expires(),
			window.Step("worker 2 gets the message and makes another (%s), under identity 2: there are two of it", x.Name()),
		},
	}
}

// source names where a changing value comes from.
func source(v *value.Value) string {
	switch v.Kind {
	case value.Fresh:
		return v.Text[strings.LastIndexByte(v.Text, '/')+1:]
	case value.Field:
		return "the message's " + v.Text
	}
	return "it differs at each delivery"
}
