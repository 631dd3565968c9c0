// Package stalereceipt reports receipts that a renewal has replaced and that are used all
// the same, and renewals that erase the message's text.
package stalereceipt

import (
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// Analyzer is the check.
var Analyzer = window.Check(Doc, judge)

func judge(w *window.Window) []finding.Finding {
	if w.AutoSettles() || w.Shadowed {
		return nil
	}
	var list []finding.Finding
	for _, x := range w.All() {
		if x.Role != models.Renew || x.Model == nil {
			continue
		}
		if y := stale(w, x); y != nil {
			list = append(list, describe(w, x, y))
		}
		if erases(w, x) {
			list = append(list, erased(w, x))
		}
	}
	return list
}

// stale finds what uses a renewal's old receipt after it, the renewal itself included
// where it comes again; nil where nothing does, or where it is not known.
func stale(w *window.Window, x *window.Effect) *window.Effect {
	receipt := x.Slots[summary.Receipt]
	if x.Model.NewReceipt == "" || receipt == nil || !w.OfMessage(receipt) && !receipt.Has(value.Renewed) || keeps(receipt, x) {
		return nil
	}
	if x.Task != 0 && x.Looping && x.Dropped {
		return nil // visibility reports that such a renewal works only once
	}
	for _, y := range w.All() {
		switch y.Role {
		case models.Settle, models.Renew, models.Nack, models.DeadLetter:
		default:
			continue
		}
		// Equal values: what a goroutine or a turn of a loop stores for another is not
		// always seen, so that only a receipt that is thrown away counts there.
		if y.Slots[summary.Receipt] == receipt && (x.Dropped || x.Task == 0 && y.Task == 0 && x.Inst != y.Inst) && follows(w, x, y) {
			return y
		}
	}
	return nil
}

// keeps reports whether a receipt may be the one that the renewal returned.
func keeps(receipt *value.Value, x *window.Effect) bool {
	return value.Exists(receipt, func(v *value.Value) bool { return v.Kind == value.Renewed && v.Inst == x.Inst })
}

func describe(w *window.Window, x, y *window.Effect) finding.Finding {
	at, message := y, "receipt used after a renewal replaced it: "+y.What()+" is given the receipt that "+x.Name()+" made void"
	if x.Dropped {
		at, message = x, "the renewal's new receipt is dropped: "+y.What()+" is given the old one afterwards, which is void"
	}
	related := append(w.Opening(), w.Related(x, "the receipt is replaced here: "+x.What())...)
	if y.Inst != x.Inst {
		related = append(related, w.Related(y, "the old one is used here: "+y.What())...)
	}
	schedule := []string{
		w.Received(1) + "; its receipt is 1",
		window.Step("worker 1 renews its lease (%s): the answer brings receipt 2, receipt 1 is void", x.Name()),
	}
	if y.Role == models.Settle {
		schedule = append(schedule,
			"worker 1 does the work and sends DELETE 1 with receipt 1 (C): it is refused",
			"the renewed lease ends, the queue shows the message again",
			"the message is received and worked on again: each time, for ever",
		)
	} else {
		schedule = append(schedule,
			window.Step("worker 1 renews again with receipt 1 (%s): it is refused", y.Name()),
			"the lease ends while worker 1 still works; GET 2 answered (B): worker 2 has the same message",
		)
	}
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(at), Message: message, Related: related, Schedule: schedule,
		Fixes: keepReceipt(w, x, y),
	}
}

// erases reports whether a renewal replaces the message's text with nothing, in a package
// that reads texts of messages.
func erases(w *window.Window, x *window.Effect) bool {
	body := x.Slots[summary.Content]
	if x.Model.Body == "" || body == nil || body.Kind != value.Const || body.Text != "" {
		return false
	}
	return readsText(w)
}

func erased(w *window.Window, x *window.Effect) finding.Finding {
	return finding.Finding{
		Check: Doc.Name, Pos: w.Place(x),
		Message: "the renewal erases the message: " + x.What() + " replaces its text with an empty one, and the next delivery has nothing to work on",
		Related: append(w.Opening(), w.Related(x, "the text is replaced here: "+x.What())...),
		Schedule: []string{
			w.Received(1),
			window.Step("worker 1 renews its lease and sends an empty text (%s): the queue keeps that", x.Name()),
			w.LostDelete(1),
			"the renewed lease ends, the queue shows the message again",
			"worker 2 receives a message without a text: the work cannot be done",
		},
		Fixes: keepText(w, x),
	}
}
