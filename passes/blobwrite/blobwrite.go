// Package blobwrite reports unconditional writes in a window that do harm when they
// are repeated, or repeated late.
package blobwrite

import (
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, window.Each(judge))

var strict bool

func init() {
	Analyzer.Flags.BoolVar(&strict, "strict", false, "report every unconditional write whose key and content are not functions of the message alone")
}

func judge(w *window.Window, x *window.Effect) (finding.Finding, bool) {
	if x.Role != models.Write || x.Model == nil || x.Model.Relative || !x.Unconditional() {
		return finding.Finding{}, false
	}
	// A read-modify-write is etag's.
	if len(w.ReadsOf(x)) > 0 {
		return finding.Finding{}, false
	}
	key, content := w.Sources(x.Slots[summary.Key]), w.Sources(x.Slots[summary.Content])
	if len(key[window.FromFresh]) > 0 || len(key[window.FromDelivery]) > 0 {
		return finding.Finding{}, false // freshkey's
	}
	if other := w.Dispatched(x); other != nil && len(content[window.FromMessage]) > 0 && len(key[window.FromMessage]) > 0 {
		f := describe(w, x, "key that several messages share: messages of different kinds write it with "+x.What()+", and an old one, delivered again late, overwrites what a newer one wrote",
			[]string{
				w.Received(1),
				window.Step("worker 1 writes message 1's state (%s)", x.Name()),
				w.LostDelete(1),
				window.Step("message 2, of another kind, is received, writes the same key (%s) and is deleted", other.Name()),
				w.Expires(),
				"message 1 is received again and overwrites the newer state with its own",
			})
		f.Related = append(f.Related, w.Related(other, "messages of another kind write the same key here")...)
		return f, true
	}
	if shared(x, key) && len(content[window.FromMessage]) > 0 {
		return describe(w, x, "key that several messages share: an old message, delivered again late, overwrites with "+x.What()+" what a newer one wrote",
			[]string{
				w.Received(1),
				window.Step("worker 1 writes message 1's state (%s)", x.Name()),
				w.LostDelete(1),
				"message 2 is received, overwrites the same key with newer state and is deleted",
				w.Expires(),
				"message 1 is received again and overwrites the newer state with its own",
			}), true
	}
	clock, random := w.Fresh(x.Slots[summary.Content])
	if clock != nil && !w.Pinned(clock) || random != nil && !w.Pinned(random) {
		why := "a random value"
		if random == nil {
			why = "a time reckoned from the clock"
		}
		return describe(w, x, "content that differs from attempt to attempt: "+why+" is written unconditionally with "+x.What(), differs(w, x)), true
	}
	if again := mutable(w, content[window.FromStore]); again != nil {
		return describe(w, x, "content that differs from attempt to attempt: "+x.What()+" writes what "+window.Name(again.Text)+" finds at that moment, unconditionally", differs(w, x)), true
	}
	if strict && !pure(key, content) {
		return describe(w, x, "strict: unconditional write with "+x.What()+" whose key and content are not functions of the message alone", differs(w, x)), true
	}
	return finding.Finding{}, false
}

// shared reports whether the key is the same for every message: constants and
// configuration only.
func shared(x *window.Effect, key map[window.Source][]*value.Value) bool {
	for s, list := range key {
		if s != window.Config && len(list) > 0 {
			return false
		}
	}
	return true
}

// mutable finds a source that other messages change: a list, or a key that all
// messages share.
func mutable(w *window.Window, reads []*value.Value) *value.Value {
	for _, r := range reads {
		if r.Kind != value.Read {
			continue
		}
		if models.Role(r.Index) == models.List {
			return r
		}
		if asset(r.Args[0]) {
			continue
		}
		s := w.Sources(r.Args[0])
		if len(s) == 0 || len(s) == 1 && len(s[window.Config]) > 0 {
			return r
		}
	}
	return nil
}

var assets = []string{"template", ".tmpl", ".gotmpl", "schema", "layout", "logo", "font", "asset", "static", "locale", "i18n"}

// asset reports whether a constant key names what ships with a program and does not
// change under it: a template, a schema, a logo.
func asset(key *value.Value) bool {
	return value.Exists(key, func(v *value.Value) bool {
		return v.Kind == value.Const && slices.ContainsFunc(assets, func(s string) bool {
			return strings.Contains(strings.ToLower(v.Text), s)
		})
	})
}

func pure(key, content map[window.Source][]*value.Value) bool {
	for _, m := range [...]map[window.Source][]*value.Value{key, content} {
		for s, list := range m {
			if s != window.Config && s != window.FromMessage && len(list) > 0 {
				return false
			}
		}
	}
	return true
}

func differs(w *window.Window, x *window.Effect) []string {
	return []string{
		w.Received(1),
		window.Step("worker 1 writes what it found or drew (%s); others act on it", x.Name()),
		w.LostDelete(1),
		w.Expires(),
		"worker 2 gets the message and overwrites it with something else",
	}
}

func describe(w *window.Window, x *window.Effect, message string, schedule []string) finding.Finding {
	related := append(w.Opening(), w.Related(x, "written here: "+x.What())...)
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(x), Message: message, Schedule: schedule,
		Related: append(related, w.Settling()...),
	}
}
