package sideeffect

import (
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/passes/window"
)

// keyed reports whether an identity goes with a request by which it is made once: a
// header, a provider's field, a field of the body. Where it changes with each attempt,
// the check freshkey tells that.
func keyed(w *window.Window, x *window.Effect) bool {
	if len(x.IdempotencyKeys()) > 0 {
		return true
	}
	for _, slot := range [...]summary.Slot{summary.Dedup, summary.Content} {
		if value.Exists(x.Slots[slot], func(v *value.Value) bool { return names(w, v) }) {
			return true
		}
	}
	return false
}

// names reports whether a node gives something of the message a name that says "once":
// a header that is set, a field of a body.
func names(w *window.Window, v *value.Value) bool {
	switch v.Kind {
	case value.Const:
		return strings.Contains(strings.ToLower(v.Text), "idempotency")
	case value.Apply:
		for i, a := range v.Args {
			if a.Kind == value.Const && saysOnce(a.Text) && slices.ContainsFunc(v.Args[i+1:], w.OfMessage) {
				return true
			}
		}
	case value.Struct:
		for i, n := range v.Names {
			if saysOnce(n) && v.Args[i].Kind != value.Nil && (w.OfMessage(v.Args[i]) || strings.Contains(strings.ToLower(n), "idempotency")) {
				return true
			}
		}
	}
	return false
}

// onces are the names of identities by which another side can tell a repetition.
var onces = []string{"idempotency", "idempotent", "dedup", "requestid", "messageid", "msgid", "eventid", "webhookid", "deliveryid", "clienttoken", "clientreference", "externalid", "externalreference", "transactionid", "referenceid", "nonce", "ceid"}

// saysOnce recognises such a name; a bare "id" is the identity of what is sent.
func saysOnce(name string) bool {
	if len(name) > 40 {
		return false // a text, no name
	}
	n := strings.NewReplacer("-", "", "_", "", `"`, "", "[", "", "]", " ", " ", "").Replace(strings.ToLower(name))
	n = strings.TrimSpace(n)
	return n == "id" || n == "uuid" || slices.ContainsFunc(onces, func(s string) bool { return strings.Contains(n, s) })
}

// asks reports whether a request's address says that it only asks, or that what it leaves
// belongs to the attempt: a search, a token, a metric.
func asks(x *window.Effect) bool {
	to := address(x)
	return window.Passing(to) || value.Exists(to, func(v *value.Value) bool {
		switch v.Kind {
		case value.Const:
			return saysQuestion(v.Text)
		case value.Global, value.Field:
			return saysQuestion(v.Text[strings.LastIndexByte(v.Text, '.')+1:])
		}
		return false
	})
}

// questions are words in addresses of requests that change nothing that lasts.
var questions = []string{
	"search", "query", "graphql", "lookup", "find", "validate", "validation", "verify", "verification", "check", "health", "ping",
	"token", "oauth", "oauth2", "login", "signin", "auth", "session", "introspect",
	"completion", "embedding", "predict", "prediction", "infer", "inference", "generate", "classify", "score", "translate",
	"transcribe", "transcription", "ocr", "analyze", "analyse", "detect", "extract", "convert", "render", "preview", "resize", "estimate", "quote", "geocode", "resolve", "parse", "rpc", "slo", "span", "event_log", "insight",
}

// saysQuestion reports whether a word of a path is such a word. The host counts as well:
// search.example.com.
func saysQuestion(text string) bool {
	if i := strings.Index(text, "://"); i >= 0 {
		text = text[i+3:]
	}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' }) {
		word = strings.Trim(word, "_")
		if slices.Contains(questions, strings.TrimSuffix(word, "s")) || slices.Contains(questions, word) {
			return true
		}
	}
	return false
}
