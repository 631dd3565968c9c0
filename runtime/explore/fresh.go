package explore

import (
	"regexp"
	"slices"
	"strings"
)

// fresh knows which values differ from one execution to the next though nothing went
// wrong: UUIDs, and what was found to differ between two executions of the same schedule.
type fresh struct {
	// constant tokens are never fresh: they were in both executions, or in a message.
	constant map[string]bool
	shapes   []shape
	// patterns are lines with short fresh values in them, which have no shape to know them by.
	patterns []pattern
	// counts are lines with numbers in them that follow the dequeue count.
	counts []countedLine
	// version is another one whenever something was learned.
	version int
}

// shape is what a kind of fresh values looks like.
type shape struct {
	letters           alphabet
	shortest, longest int
}

type alphabet uint8

const (
	digits alphabet = iota
	hexadecimal
	lower
	upper
	mixed
)

// pattern is a whole line in which some tokens do not count.
type pattern struct {
	line *regexp.Regexp
	as   string
}

// A fresh value stands between these in a line that is being compared.
const (
	opens  = "\x01"
	closes = "\x02"
)

const uuidForm = `[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`

var (
	uuids  = regexp.MustCompile(uuidForm)
	known  = regexp.MustCompile(uuidForm + `|<time[^>]*>|` + receiptMark + `\d+>`) // what needs no learning
	tokens = regexp.MustCompile(`[0-9A-Za-z]+`)
	wide   = regexp.MustCompile(`[0-9A-Za-z_-]+`)
)

// How long a value must be to be known by its shape. Shorter ones are known by their
// place.
const (
	shortestShape  = 6
	shortestNumber = 9
)

// mark puts the fresh values of text between opens and closes.
func (f *fresh) mark(text string) string {
	var b strings.Builder
	at := 0
	for _, m := range known.FindAllStringIndex(text, -1) {
		b.WriteString(f.markTokens(text[at:m[0]]))
		b.WriteString(f.markIf(text[m[0]] != '<' || isReceipt(text[m[0]:m[1]]), text[m[0]:m[1]]))
		at = m[1]
	}
	b.WriteString(f.markTokens(text[at:]))
	return b.String()
}

func (f *fresh) markTokens(text string) string {
	if len(f.shapes) == 0 {
		return text
	}
	return wide.ReplaceAllStringFunc(text, func(w string) string {
		if f.has(w) {
			return f.markIf(true, w)
		}
		return tokens.ReplaceAllStringFunc(w, func(t string) string { return f.markIf(f.has(t), t) })
	})
}

func (f *fresh) markIf(is bool, token string) string {
	if !is || f.constant[token] {
		return token
	}
	return opens + token + closes
}

func (f *fresh) has(token string) bool {
	if f.constant[token] {
		return false
	}
	for _, s := range f.shapes {
		if s.matches(token) {
			return true
		}
	}
	return false
}

// know makes the tokens of a text constant.
func (f *fresh) know(text string) {
	for _, t := range allTokens(text) {
		f.constant[t] = true
	}
}

// allTokens are the UUIDs of text, and what else is in it but times: tokens with and
// without - and _.
func allTokens(text string) []string {
	all := uuids.FindAllString(text, -1)
	for _, w := range wide.FindAllString(known.ReplaceAllString(text, " "), -1) {
		w = strings.Trim(w, "-_") // what a UUID stood beside
		all = append(all, w)
		if strings.ContainsAny(w, "-_") {
			all = append(all, tokens.FindAllString(w, -1)...)
		}
	}
	return all
}

// learn compares two executions of the same schedule: what is in both is constant, what is
// in one only is fresh.
func (f *fresh) learn(a, b []Line) {
	in := [2]map[string]bool{{}, {}}
	for i, lines := range [][]Line{a, b} {
		for _, l := range lines {
			for _, t := range allTokens(l.String()) {
				in[i][t] = true
			}
		}
	}
	for t := range in[0] {
		if in[1][t] && !f.constant[t] {
			f.constant[t] = true
			f.version++
		}
	}
	for i := range in {
		f.learnShapes(in[i], in[1-i])
	}
}

// learnShapes makes the shapes of tokens that are in one execution only those of fresh
// values.
func (f *fresh) learnShapes(in, other map[string]bool) {
	only := func(t string) bool { return !other[t] && !f.constant[t] }
	covered := map[string]bool{} // by a token that is fresh as a whole
	for t := range in {
		if !strings.ContainsAny(t, "-_") || !only(t) {
			continue
		}
		parts := tokens.FindAllString(t, -1)
		if slices.ContainsFunc(parts, func(p string) bool { return !only(p) }) {
			continue // a name that is made of parts, some of which are constant
		}
		for _, p := range parts {
			covered[p] = true
		}
		f.addShape(t)
	}
	for t := range in {
		if !strings.ContainsAny(t, "-_") && only(t) && !covered[t] {
			f.addShape(t)
		}
	}
}

// addShape makes the shape of a token one of fresh values.
func (f *fresh) addShape(token string) {
	s, ok := shapeOf(token)
	if !ok {
		return
	}
	for i, other := range f.shapes {
		if other.letters != s.letters {
			continue
		}
		if s.letters == digits {
			s.shortest, s.longest = min(other.shortest, s.shortest), max(other.longest, s.longest)
			if other != s {
				f.shapes[i] = s
				f.version++
			}
			return
		}
		if other == s {
			return
		}
	}
	f.shapes = append(f.shapes, s)
	f.version++
}

// shapeOf is the shape of a token, if it has one to be known by.
func shapeOf(token string) (shape, bool) {
	n := len(token)
	s := shape{letters: lettersOf(token), shortest: n, longest: n}
	if s.letters != digits {
		return s, n >= shortestShape
	}
	// Random numbers differ in length: one in a million is six digits shorter.
	s.shortest, s.longest = max(n-6, shortestShape), n+2
	return s, n >= shortestNumber
}

func lettersOf(token string) alphabet {
	var hasLower, hasUpper, beyondF, digit, other bool
	for _, c := range token {
		switch {
		case c >= '0' && c <= '9':
			digit = true
		case c >= 'a' && c <= 'f', c >= 'A' && c <= 'F':
			hasLower, hasUpper = hasLower || c >= 'a', hasUpper || c < 'a'
		case c >= 'g' && c <= 'z':
			hasLower, beyondF = true, true
		case c >= 'G' && c <= 'Z':
			hasUpper, beyondF = true, true
		default:
			other = true
		}
	}
	switch {
	case other || hasLower && hasUpper:
		return mixed
	case !hasLower && !hasUpper:
		return digits
	case !beyondF && digit:
		return hexadecimal
	case hasLower:
		return lower
	}
	return upper
}

// matches tells whether a token is of this shape.
func (s shape) matches(token string) bool {
	if len(token) < s.shortest || len(token) > s.longest {
		return false
	}
	switch letters := lettersOf(token); s.letters {
	case digits:
		return letters == digits
	case hexadecimal:
		return strings.Trim(strings.ToLower(token), "0123456789abcdef") == ""
	case lower, upper:
		return letters == s.letters || letters == hexadecimal || letters == digits
	}
	return true
}

// learnPlaces finds the short values that differ between two executions by their places.
// The lines are those of the two, canonical but for such values.
func (f *fresh) learnPlaces(a, b []string) {
	onlyA, onlyB := without(a, b), without(b, a)
	if len(onlyA) != len(onlyB) {
		return
	}
	for i := range onlyA {
		if p, ok := patternOf(onlyA[i], onlyB[i]); ok {
			f.patterns = append(f.patterns, p)
			f.version++
		}
	}
}

// patternOf makes a pattern of two lines that differ in some tokens only.
func patternOf(a, b string) (pattern, bool) {
	placesA, placesB := tokens.FindAllStringIndex(a, -1), tokens.FindAllStringIndex(b, -1)
	if len(placesA) != len(placesB) {
		return pattern{}, false
	}
	var expression, as strings.Builder
	expression.WriteString("^")
	atA, atB := 0, 0
	for i, m := range placesA {
		n := placesB[i]
		if a[atA:m[0]] != b[atB:n[0]] {
			return pattern{}, false
		}
		expression.WriteString(regexp.QuoteMeta(a[atA:m[0]]))
		as.WriteString(a[atA:m[0]])
		if token := a[m[0]:m[1]]; token == b[n[0]:n[1]] {
			expression.WriteString(regexp.QuoteMeta(token))
			as.WriteString(token)
		} else {
			expression.WriteString("[0-9A-Za-z]+")
			as.WriteString("<fresh>")
		}
		atA, atB = m[1], n[1]
	}
	if a[atA:] != b[atB:] {
		return pattern{}, false
	}
	expression.WriteString(regexp.QuoteMeta(a[atA:]) + "$")
	as.WriteString(a[atA:])
	return pattern{line: regexp.MustCompile(expression.String()), as: as.String()}, true
}

// without is the multiset difference of two sorted lists.
func without(a, b []string) []string {
	count := map[string]int{}
	for _, l := range b {
		count[l]++
	}
	var rest []string
	for _, l := range a {
		if count[l] > 0 {
			count[l]--
			continue
		}
		rest = append(rest, l)
	}
	return rest
}
