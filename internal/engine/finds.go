package engine

import (
	"strings"

	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// doneWords are the words by which records say that work is finished.
func saysDone(text string) bool {
	text = strings.ToLower(text)
	for _, w := range [...]string{"done", "processed", "complete", "finished", "success", "succeeded", "applied", "handled", "already", "seen", "shipped", "delivered", "duplicate"} {
		if strings.Contains(text, w) && !strings.HasPrefix(text, "un") && !strings.HasPrefix(text, "not") {
			return true
		}
	}
	return false
}

// fromStore reports whether a value depends on what a store holds.
func fromStore(v *value.Value) bool {
	return value.DependsOn(v, func(x *value.Value) bool { return x.Kind == value.Read })
}

// finds reports whether the truth of a value means that a store holds something:
// what was read says so, or the look-up had no error.
func finds(v *value.Value, ix *models.Index) bool {
	switch v.Kind {
	case value.Union:
		for _, a := range v.Args {
			if finds(a, ix) {
				return true
			}
		}
		return false
	case value.Apply:
		switch v.Text {
		case "==":
			return isReadError(v.Args[0], ix) && v.Args[1].Kind == value.Nil
		case "!=", "<", ">", "<=", ">=", "!", opDecided:
			return false
		}
	}
	return fromStore(v)
}

func isReadError(v *value.Value, ix *models.Index) bool {
	if v.Kind != value.Apply || !strings.HasPrefix(v.Text, "error of ") {
		return false
	}
	m := ix.Call(strings.TrimPrefix(v.Text, "error of "))
	return m != nil && m.Role == models.Read
}
