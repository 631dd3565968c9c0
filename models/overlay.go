package models

import (
	"slices"
	"strings"
)

// overlay is what the directives of one package, and of those that it imports, say of
// in-house code.
type overlay struct {
	calls    map[string]*Call
	messages map[string]*Message
	packages map[string]bool
	// plain: some receive returns a list of messages that have no type of their own.
	plain bool
}

// Over is the index with more entries, those that directives make: an index of its own,
// for packages are analysed side by side. Of two entries for one function the later
// holds; of two for one message type the one that is not assumed.
func (ix *Index) Over(calls []Call, messages []Message) *Index {
	if len(calls) == 0 && len(messages) == 0 {
		return ix
	}
	over := &overlay{calls: map[string]*Call{}, messages: map[string]*Message{}, packages: map[string]bool{}}
	for i := range calls {
		c := &calls[i]
		over.calls[c.Func] = c
		over.packages[packageOf(c.Func)] = true
		over.plain = over.plain || c.Plain
	}
	for i := range messages {
		m := &messages[i]
		if old := over.messages[m.Type]; old == nil || old.Assumed {
			over.messages[m.Type] = m
		}
	}
	more := *ix
	more.over = over
	return &more
}

// Said lists the entries that directives made, sorted: what importers must know, too.
func (ix *Index) Said() (calls []Call, messages []Message) {
	if ix.over == nil {
		return nil, nil
	}
	for _, c := range ix.over.calls {
		calls = append(calls, *c)
	}
	for _, m := range ix.over.messages {
		messages = append(messages, *m)
	}
	slices.SortFunc(calls, func(a, b Call) int { return strings.Compare(a.Func, b.Func) })
	slices.SortFunc(messages, func(a, b Message) int { return strings.Compare(a.Type, b.Type) })
	return calls, messages
}

// Plain reports whether some receive in reach returns a list of messages that have no
// type of their own: bytes, text.
func (ix *Index) Plain() bool { return ix.over != nil && ix.over.plain }

// packageOf is the import path in a function's full name: "a/b" of "(*a/b.T).M".
func packageOf(fullName string) string {
	s := strings.TrimLeft(fullName, "(*")
	slash := strings.LastIndexByte(s, '/') + 1
	if i := strings.IndexByte(s[slash:], '.'); i >= 0 {
		return s[:slash+i]
	}
	return ""
}
