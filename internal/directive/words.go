package directive

import (
	"slices"
	"strings"

	"github.com/idemlint/idemlint/models"
)

// The words that may follow "//idemlint:".
const (
	Ignore     = "ignore"
	Idempotent = "idempotent"
	AtMostOnce = "at-most-once"

	Receive    = "receive"
	Settle     = "settle"
	Nack       = "nack"
	DeadLetter = "deadletter"
	Renew      = "renew"
	Read       = "read"
	Write      = "write"
	Create     = "create"
	Append     = "append"
	Remove     = "remove"
	Send       = "send"
	Call       = "call"
	Handler    = "handler"
	Message    = "message"
)

// words lists every word, in the order in which messages name them.
var words = []string{
	Ignore, Idempotent, AtMostOnce,
	Receive, Settle, Nack, DeadLetter, Renew, Read, Write, Create, Append, Remove, Send, Call, Handler, Message,
}

// modelWord is a word that describes in-house code.
type modelWord struct {
	role models.Role
	// args are the names that may stand before "=", flags those that stand alone.
	args, flags []string
}

// modelWords describe in-house code. What the arguments mean is said in
// docs/DIRECTIVES.md, whose tables a test holds against this one.
var modelWords = map[string]*modelWord{
	Receive:    {models.Receive, []string{"message", "lease", "batch", "handler", "unit"}, []string{"pops"}},
	Settle:     {models.Settle, []string{"message", "receipt"}, []string{"cumulative"}},
	Nack:       {models.Nack, []string{"message", "receipt"}, nil},
	DeadLetter: {models.DeadLetter, []string{"message", "receipt"}, nil},
	Renew:      {models.Renew, []string{"message", "receipt", "lease", "new-receipt", "unit"}, nil},
	Read:       {models.Read, []string{"key", "value", "version", "store", "timeout", "unit"}, nil},
	Write:      {models.Write, []string{"key", "value", "if-match", "if-none-match", "condition", "version", "store", "timeout", "unit"}, []string{"relative"}},
	Create:     {models.Create, []string{"key", "value", "condition", "version", "store", "timeout", "unit"}, []string{"repeatable"}},
	Append:     {models.Append, []string{"key", "value", "if-match", "condition", "version", "store", "timeout", "unit"}, nil},
	Remove:     {models.Remove, []string{"key", "if-match", "condition", "store", "timeout", "unit"}, nil},
	Send:       {models.Send, []string{"key", "value", "dedup", "store", "timeout", "unit"}, nil},
	Call:       {models.External, []string{"key", "value", "dedup", "verb", "timeout", "unit"}, nil},
	Handler:    {models.Handle, []string{"message", "lease", "unit"}, nil},
	Message:    {0, []string{"identity", "delivery", "receipt", "count"}, []string{"returned"}},
}

// takes names what the word takes, for messages.
func (w *modelWord) takes() string {
	list := slices.Clone(w.args)
	for i := range list {
		list[i] += "="
	}
	return strings.Join(append(list, w.flags...), ", ")
}
