// Package earlydelete reports settles before the work is done.
package earlydelete

import (
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, judge)

func judge(w *window.Window) []finding.Finding {
	if w.Shadowed {
		return nil
	}
	if w.AutoSettles() {
		if work := w.FirstWork(); work != nil && !w.Foreign {
			return []finding.Finding{automatic(w, work)}
		}
		return nil
	}
	var list []finding.Finding
	told := map[uint64]bool{}
	for _, x := range w.Held() {
		if x.Role == models.Settle && x.AheadAt.Valid() {
			told[x.Inst] = true
			list = append(list, unwaited(w, x))
		}
	}
	for _, work := range w.Late() {
		settle := w.SettleBefore(work)
		if settle == nil || told[settle.Inst] {
			continue
		}
		told[settle.Inst] = true
		list = append(list, early(w, settle, work))
	}
	return list
}

func automatic(w *window.Window, work *window.Effect) finding.Finding {
	return finding.Finding{
		Check: Doc.Name, Pos: w.At(w.Receive.Place()), Related: append(w.Opening(), w.Related(work, "the work: "+work.What())...),
		Message: "the message is settled as it is received, before " + work.What() + ": a crash in between loses the work",
		Schedule: []string{
			"GET 1 answered (B), and the message is deleted with it: worker 1 has the only copy",
			window.Step("worker 1 crashes before its work (%s)", work.Name()),
			"nobody gets the message again: the work is lost",
		},
	}
}

func unwaited(w *window.Window, settle *window.Effect) finding.Finding {
	related := w.Opening()
	if pos := w.At(settle.AheadAt); pos.IsValid() {
		related = append(related, finding.Related{Pos: pos, Message: "the work is handed over here, and nothing waits for it"})
	}
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(settle), Related: related,
		Message: "settled while the work is under way elsewhere: it was handed to a goroutine, and nothing waits for it; a crash loses the work",
		Schedule: []string{
			w.Received(1),
			"worker 1 hands the work over and goes on",
			w.Deletes(1, settle, ""),
			"worker 1 crashes, or the work fails, before the work is done: nobody gets the message again",
		},
	}
}

func early(w *window.Window, settle, work *window.Effect) finding.Finding {
	related := append(w.Opening(), w.Related(work, "the work comes later: "+work.What())...)
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(settle), Related: related,
		Message: "settled before the work is done: " + work.What() + " comes after the settle, and a crash in between loses it",
		Schedule: []string{
			w.Received(1),
			w.Deletes(1, settle, ""),
			window.Step("worker 1 crashes before its work (%s), or the work fails", work.Name()),
			"nobody gets the message again: the work is lost",
		},
	}
}
