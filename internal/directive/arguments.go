package directive

import (
	"go/token"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/finding"
)

// argument is "name=value,value" or, without values, a flag.
type argument struct {
	name   string
	values []string
	pos    token.Pos
}

// parseArguments reads what follows the word in a comment that begins at pos.
func parseArguments(word, comment string, pos token.Pos) ([]argument, *finding.Related) {
	var list []argument
	text, _, _ := strings.Cut(comment, " //") // a comment within the comment
	at := len(prefix) + strings.Index(text[len(prefix):], word) + len(word)
	for at < len(text) {
		if text[at] == ' ' || text[at] == '\t' {
			at++
			continue
		}
		end := at
		for end < len(text) && text[end] != ' ' && text[end] != '\t' {
			end++
		}
		a := argument{pos: pos + token.Pos(at)}
		name, value, valued := strings.Cut(text[at:end], "=")
		a.name = name
		if valued {
			a.values = strings.Split(value, ",")
		}
		at = end
		if why := wrong(word, a, valued, list); why != "" {
			return nil, &finding.Related{Pos: a.pos, Message: prefix + word + ": " + why}
		}
		list = append(list, a)
	}
	return list, nil
}

// wrong says what is wrong with an argument, whatever stands before it.
func wrong(word string, a argument, valued bool, before []argument) string {
	w := modelWords[word]
	switch flag := slices.Contains(w.flags, a.name); {
	case !flag && !slices.Contains(w.args, a.name):
		return quote(a.name) + " is no argument of it: it takes " + w.takes()
	case flag && valued:
		return a.name + " takes no value"
	case !flag && (!valued || slices.Contains(a.values, "")):
		return a.name + " is given no value: write " + a.name + "=" + example(a.name)
	case len(a.values) > 1 && !many(a.name):
		return a.name + " takes one value"
	}
	if slices.ContainsFunc(before, func(b argument) bool { return b.name == a.name }) {
		return a.name + " is given twice"
	}
	return ""
}

// many reports whether an argument may name several things.
func many(name string) bool {
	switch name {
	case "key", "value", "if-match", "if-none-match", "condition", "dedup", "identity", "delivery":
		return true
	}
	return false
}

// example is a value that an argument may have, for messages.
func example(name string) string {
	switch name {
	case "lease", "timeout":
		return "30s"
	case "batch":
		return "10"
	case "unit":
		return "s"
	case "store":
		return "orders"
	case "verb":
		return "GET"
	case "identity", "delivery", "receipt", "count":
		return "ID"
	case "version", "new-receipt":
		return "ret0"
	}
	return "1"
}

// find is the directive's argument of the name, or nil.
func (d *Directive) find(name string) *argument {
	for i := range d.args {
		if d.args[i].name == name {
			return &d.args[i]
		}
	}
	return nil
}
