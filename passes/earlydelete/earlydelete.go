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
		if x.Role == models.Settle && x.RestAt.Valid() {
			told[x.Inst] = true
			list = append(list, partly(w, x))
			continue
		}
		if x.Role == models.Settle && x.Task != 0 && x.Looping && x.Model != nil && x.Model.Cumulative {
			told[x.Inst] = true
			list = append(list, overtaking(w, x))
			continue
		}
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

// partly is a settle of a whole batch of which only a part was worked on.
func partly(w *window.Window, settle *window.Effect) finding.Finding {
	related := w.Opening()
	if pos := w.At(settle.RestAt); pos.IsValid() {
		related = append(related, finding.Related{Pos: pos, Message: "one of the messages is taken here; those behind it are not"})
	}
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(settle), Related: related,
		Message: "settled before the work is done: the return settles every message of the event, also those that nobody has looked at",
		Schedule: []string{
			"GET 1 answered (B): worker 1 has messages 1 and 2",
			"worker 1 takes message 1 and leaves",
			"worker 1 returns no error: DELETE 1 is sent for both (C), the queue deletes both",
			"nobody gets message 2 again: its work is lost",
		},
	}
}

// overtaking is a settle of all that came before a message, in a goroutine of its own.
func overtaking(w *window.Window, settle *window.Effect) finding.Finding {
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(settle), Related: w.Opening(),
		Message: "settled while earlier messages are still under way elsewhere: " + settle.What() + " covers whatever came before the message, and each message is worked on in a goroutine of its own",
		Schedule: []string{
			"GET 1 answered (B): worker 1 has messages 1 and 2, and works on both at once",
			window.Step("message 2 is done first and settled (%s): message 1 with it", settle.Name()),
			"worker 1 crashes before message 1 is done: nobody gets it again",
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
