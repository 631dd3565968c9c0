// Package etag reports read-modify-writes in a window that no precondition from
// the very read protects.
package etag

import (
	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, window.Each(judge))

func judge(w *window.Window, x *window.Effect) (finding.Finding, bool) {
	if x.Role != models.Write {
		return finding.Finding{}, false
	}
	reads := w.ReadsOf(x)
	if len(reads) == 0 || x.Guarded() {
		return finding.Finding{}, false
	}
	read := reads[0]
	switch p := x.Precondition(); p {
	case window.Absent:
		return describe(w, x, read, "read-modify-write without a precondition: what "+x.What()+" writes was made of what was read before, and nothing checks that it is still so", mend(w, x, reads)...), true
	case window.Wildcard:
		return describe(w, x, read, "the precondition is the wildcard: If-Match \"*\" accepts every version, so "+x.What()+" overwrites what others wrote since the read", mend(w, x, reads)...), true
	}
	return fromAnother(w, x, reads)
}

// fromAnother judges a precondition by where it comes from.
func fromAnother(w *window.Window, x *window.Effect, reads []*value.Value) (finding.Finding, bool) {
	var others []*value.Value
	known := true
	value.Sources(x.Slots[summary.IfMatch], func(v *value.Value) {
		switch {
		case v.Kind == value.Read && !contains(reads, v):
			others = append(others, v)
		case v.Kind == value.Unknown || v.Kind == value.Dyn || v.Kind == value.Param:
			known = false
		}
	})
	if len(others) == 0 || !known {
		return finding.Finding{}, false
	}
	other := others[0]
	if !window.Same(x.Slots[summary.Key], other) {
		for _, o := range others {
			if window.Same(x.Slots[summary.Key], o) {
				return finding.Finding{}, false
			}
		}
		return describe(w, x, reads[0], "the precondition comes from another read: the version that "+x.What()+" is given is not that of what it writes; precondition from another read"), true
	}
	content, version := w.Find(reads[0].Inst), w.Find(other.Inst)
	if content == nil || version == nil || version.Order < content.Order {
		// Version first, content second: a change in between only makes the write fail.
		return finding.Finding{}, false
	}
	return describe(w, x, reads[0], "version read after the content: a change between the two reads passes the precondition of "+x.What()+" and is lost"), true
}

func contains(list []*value.Value, v *value.Value) bool {
	for _, o := range list {
		if o == v {
			return true
		}
	}
	return false
}

func describe(w *window.Window, x *window.Effect, read *value.Value, message string, fixes ...analysis.SuggestedFix) finding.Finding {
	related := w.Opening()
	if r := w.Find(read.Inst); r != nil {
		related = append(related, w.Related(r, "read here: "+r.What())...)
	}
	related = append(related, w.Related(x, "written here: "+x.What())...)
	related = append(related, w.Settling()...)
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(x), Message: message, Related: related, Fixes: fixes,
		Schedule: []string{
			w.Received(1),
			window.Step("worker 1 reads version 1 (%s)", window.Name(read.Text)),
			w.Overlaps(),
			"worker 2 reads version 1 too, writes version 2 and deletes the message",
			window.Step("worker 1 writes what it made of version 1 (%s): worker 2's change is lost", x.Name()),
			"or one after the other: " + w.LostDelete(1) + ", and the change is made twice",
		},
	}
}
