package window

import (
	"slices"
	"strconv"
	"strings"

	"github.com/idemlint/idemlint/internal/fix"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Code is the package's syntax, for those who mend it.
func (w *Window) Code() *fix.Code { return fix.Of(w.result.pass) }

// Site is the call that has an effect, where it stands in this package; nil elsewhere.
func (w *Window) Site(x *Effect) *fix.Site {
	if x == nil {
		return nil
	}
	return w.Call(x.Pos)
}

// Call is the call at a place of this package; nil elsewhere.
func (w *Window) Call(p summary.Pos) *fix.Site {
	if !w.result.Local(p) {
		return nil
	}
	return w.Code().At(w.result.Pos(p))
}

// SameCall reports whether two effects happen in one execution of one function.
func SameCall(x, y *Effect) bool { return x.Task == y.Task && slices.Equal(x.Chain, y.Chain) }

// Argument splits a path of a model into an argument's place and the fields behind it.
func Argument(p models.Path) (arg int, fields []string, ok bool) {
	parts := strings.Split(string(p), ".")
	arg, err := strconv.Atoi(strings.TrimPrefix(parts[0], "arg"))
	return arg, parts[1:], err == nil && strings.HasPrefix(parts[0], "arg") && !strings.Contains(string(p), "[]")
}

// Changed reports whether the window changes the key between two of its effects.
func (w *Window) Changed(key *value.Value, from, to *Effect) bool {
	for i := range w.Effects {
		y := &w.Effects[i]
		if i <= from.Order || i >= to.Order || y.Inst == to.Inst || !value.Same(y.Slots[summary.Key], key) {
			continue
		}
		switch y.Role {
		case models.Write, models.Create, models.Append, models.Remove:
			return true
		}
	}
	return false
}

// FailureSettled reports whether a way on which the effect failed leads to a settle.
func (w *Window) FailureSettled(x *Effect) bool {
	return x.Dropped || slices.ContainsFunc(w.Effects, func(y summary.Effect) bool {
		return y.Role == models.Settle && y.Failed == x.Inst
	})
}
