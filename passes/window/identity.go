package window

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Changing finds the part of a key that changes with each attempt: a fresh value, or
// a field of the message that changes with each delivery.
//
// A date without a time of day is a partition, not an identity.
func (w *Window) Changing(key *value.Value) *value.Value {
	var found *value.Value
	seen := map[*value.Value]bool{}
	var walk func(v *value.Value)
	walk = func(v *value.Value) {
		if v == nil || seen[v] || found != nil {
			return
		}
		seen[v] = true
		if s, ok := w.message(v); ok {
			if s == FromDelivery {
				found = v
			}
			return
		}
		switch v.Kind {
		case value.Fresh:
			found = v
			return
		case value.Read, value.Written, value.Renewed, value.Dyn, value.Global, value.Param, value.Free:
			return
		case value.Apply:
			if v.Text == "(time.Time).Format" && len(v.Args) == 2 && datesOnly(v.Args[1]) || calendar(v.Text) || v.Text == "staged" {
				return
			}
		}
		for _, a := range v.Args {
			walk(a)
		}
	}
	walk(key)
	return found
}

// datesOnly reports whether a layout has no time of day.
func datesOnly(layout *value.Value) bool {
	return layout.Kind == value.Const && !strings.Contains(layout.Text, "15") && !strings.Contains(layout.Text, "03") && !strings.Contains(layout.Text, "05")
}

// calendar are the parts of a date.
func calendar(fn string) bool {
	switch fn {
	case "(time.Time).Year", "(time.Time).Month", "(time.Time).Day", "(time.Time).YearDay", "(time.Time).Weekday", "(time.Time).Date", "(time.Time).ISOWeek", "(time.Month).String":
		return true
	}
	return false
}

// Passing reports whether a key names what lives no longer than the attempt, or what is
// meant to be there once for each attempt: scratch files, locks, attempts, traces. Only
// what the code itself says counts: constants and configuration.
func Passing(key *value.Value) bool {
	return value.Exists(key, func(v *value.Value) bool {
		switch v.Kind {
		case value.Const:
			return saysPassing(v.Text)
		case value.Field:
			return configured(v) && saysPassing(v.Text)
		case value.Global:
			name := v.Text[strings.LastIndexByte(v.Text, '.')+1:]
			return saysPassing(name)
		}
		return false
	})
}

// passing are words for what belongs to an attempt.
var passing = []string{"attempt", "trace", "tmp", "temp", "temporary", "scratch", "staging", "lease", "lock", "heartbeat", "debug", "diagnostic", "metric", "telemetry", "log", "run", "deliverie"}

// saysPassing reports whether one of the words in a name is such a word.
func saysPassing(name string) bool {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[:i] // an extension says nothing
	}
	for _, w := range words(name) {
		if slices.Contains(passing, strings.TrimSuffix(w, "s")) {
			return true
		}
	}
	return false
}

// words splits a name at case changes and at all that is not a letter.
func words(name string) []string {
	var list []string
	start := 0
	cut := func(end int) {
		if end > start {
			list = append(list, strings.ToLower(name[start:end]))
		}
		start = end
	}
	for i, c := range name {
		switch {
		case !unicode.IsLetter(c):
			cut(i)
			start = i + utf8.RuneLen(c)
		case unicode.IsUpper(c) && i > start && !unicode.IsUpper(rune(name[i-1])):
			cut(i)
		}
	}
	cut(len(name))
	return list
}

// Undone reports whether the window removes again what was made under this key.
func (w *Window) Undone(key *value.Value) bool {
	for i := range w.Effects {
		if y := &w.Effects[i]; y.Role == models.Remove && value.Same(y.Slots[summary.Key], key) {
			return true
		}
	}
	return false
}

// Named lists the values of the fields by which something that is sent or stored
// identifies itself: ID, EventID, Key; not those that name the attempt.
func Named(content *value.Value) []*value.Value {
	var list []*value.Value
	seen := map[*value.Value]bool{}
	var walk func(v *value.Value)
	walk = func(v *value.Value) {
		if v == nil || seen[v] {
			return
		}
		seen[v] = true
		switch v.Kind {
		case value.Read, value.Received, value.Fresh, value.Dyn:
			return
		case value.Struct:
			for i, n := range v.Names {
				if n != "" && identifies(n) {
					list = append(list, v.Args[i])
				}
			}
		}
		for _, a := range v.Args {
			walk(a)
		}
	}
	walk(content)
	return list
}

// identifies reports whether a field's name is that of its record's identity.
func identifies(field string) bool {
	f := strings.ToLower(strings.Trim(field, "[]\""))
	if namesAttempt(f) || saysPassing(f) {
		return false
	}
	return f == "id" || f == "key" || f == "uid" || f == "uuid" || strings.HasSuffix(f, "id") && !strings.HasSuffix(f, "valid") && !strings.HasSuffix(f, "paid") || strings.HasSuffix(f, "idempotencykey")
}

// Bare is the fresh value that a value is, put into text at most; nil for all others.
func (w *Window) Bare(v *value.Value) *value.Value {
	for v != nil {
		switch v.Kind {
		case value.Fresh:
			return v
		case value.Union:
			for _, a := range v.Args {
				if a.Kind != value.Nil && w.Bare(a) == nil {
					return nil
				}
			}
			for _, a := range v.Args {
				if f := w.Bare(a); f != nil {
					return f
				}
			}
			return nil
		case value.Apply, value.List:
			// "evt_" + uuid: other parts do not make it the same again.
			for _, a := range v.Args {
				if f := w.Bare(a); f != nil {
					return f
				}
			}
			return nil
		case value.Boxed:
			v = v.Args[0]
		default:
			return nil
		}
	}
	return nil
}
