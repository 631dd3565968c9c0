package statement

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Hole stands in a text for a part that is not known.
const Hole = '\x00'

type kind uint8

const (
	end kind = iota
	word
	quoted // a quoted name
	number
	text
	placeholder
	punct
	hole
)

type token struct {
	kind kind
	// text is lower case for words; a placeholder's is its name or number, without the
	// sign, and empty for "?".
	text string
}

// is reports whether a token is this word or punctuation.
func (t token) is(s string) bool { return (t.kind == word || t.kind == punct) && t.text == s }

func (t token) name() bool { return t.kind == word || t.kind == quoted }

// maxTokens bounds how much of a text is read; what lies beyond is a hole.
const maxTokens = 4000

// scan cuts a text into tokens. It never fails: what it does not know is punctuation.
func scan(s string) []token {
	var list []token
	for len(s) > 0 {
		if len(list) >= maxTokens {
			return append(list, token{kind: hole})
		}
		var t token
		var skip bool
		t, s, skip = next(s)
		if !skip {
			list = append(list, t)
		}
	}
	return list
}

// next is the first token of a text that is not empty, and the rest.
func next(s string) (t token, rest string, skip bool) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == Hole:
		// What is glued to a hole belongs to it: "orders_" and something.
		return token{kind: hole}, strings.TrimLeftFunc(s[size:], func(r rune) bool { return r == Hole || letter(r) }), false
	case unicode.IsSpace(r):
		return t, s[size:], true
	case strings.HasPrefix(s, "--"):
		return t, after(s, "\n"), true
	case strings.HasPrefix(s, "/*"):
		return t, after(s[2:], "*/"), true
	case r == '\'':
		in, rest := enclosed(s, '\'')
		return token{text, in}, rest, false
	case r == '"' || r == '`':
		in, rest := enclosed(s, byte(r))
		return token{quoted, in}, rest, false
	case r == '[':
		if in, after, ok := strings.Cut(s[1:], "]"); ok && in != "" && strings.TrimFunc(in, letter) == "" && !digits(in) {
			return token{quoted, in}, after, false
		}
	case r == '?':
		return token{kind: placeholder}, s[size:], false
	case r == '$':
		return dollar(s)
	case r == ':' && !strings.HasPrefix(s, "::") && !strings.HasPrefix(s, ":="), r == '@' && !strings.HasPrefix(s, "@@"):
		if name := leading(s[1:]); name != "" {
			return token{placeholder, name}, s[1+len(name):], false
		}
	case unicode.IsDigit(r):
		n := leading(s)
		return token{number, n}, s[len(n):], false
	case letter(r):
		w := leading(s)
		rest := s[len(w):]
		if strings.HasPrefix(rest, string(Hole)) {
			return next(rest)
		}
		return token{word, strings.ToLower(w)}, rest, false
	}
	for _, op := range [...]string{"::", ":=", "||", "<>", "!=", "<=", ">=", "->>", "->", "+=", "-="} {
		if strings.HasPrefix(s, op) {
			return token{punct, op}, s[len(op):], false
		}
	}
	return token{punct, s[:size]}, s[size:], false
}

// dollar is a numbered placeholder or a dollar-quoted text.
func dollar(s string) (t token, rest string, skip bool) {
	name := leading(s[1:])
	if digits(name) {
		return token{placeholder, name}, s[1+len(name):], false
	}
	tag := s[:1+len(name)] + "$"
	if strings.HasPrefix(s, tag) {
		in, rest, _ := strings.Cut(s[len(tag):], tag)
		return token{text, in}, rest, false
	}
	return token{punct, "$"}, s[1:], false
}

// enclosed is what stands between quotes; a doubled quote stands for one.
func enclosed(s string, quote byte) (in, rest string) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			b.WriteByte(quote)
			i++
		case s[i] == quote:
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

func after(s, mark string) string {
	_, rest, _ := strings.Cut(s, mark)
	return rest
}

func letter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func leading(s string) string {
	for i, r := range s {
		if !letter(r) {
			return s[:i]
		}
	}
	return s
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
