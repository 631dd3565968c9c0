package table

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// filter is the tree of a $filter,
// https://learn.microsoft.com/rest/api/storageservices/querying-tables-and-entities.
type filter interface {
	// matches tells whether the entity is let through whose properties value gives.
	matches(value func(name string) any) bool
}

type (
	// both is an and, either an or, negated a not.
	both    struct{ left, right filter }
	either  struct{ left, right filter }
	negated struct{ inner filter }
	// flag is the name of a property alone: a Boolean that is true.
	flag struct{ name string }
	// comparison is a property against a constant.
	comparison struct {
		name     string
		operator string
		constant any
	}
)

func (f both) matches(value func(string) any) bool {
	return f.left.matches(value) && f.right.matches(value)
}

func (f either) matches(value func(string) any) bool {
	return f.left.matches(value) || f.right.matches(value)
}

func (f negated) matches(value func(string) any) bool { return !f.inner.matches(value) }

func (f flag) matches(value func(string) any) bool {
	set, ok := value(f.name).(bool)
	return ok && set
}

func (f comparison) matches(value func(string) any) bool {
	property := value(f.name)
	if property == nil {
		return false // what is not there differs from nothing either
	}
	order, ok := compare(property, f.constant)
	if !ok {
		return f.operator == "ne"
	}
	switch f.operator {
	case "eq":
		return order == 0
	case "ne":
		return order != 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	}
	return order <= 0
}

const (
	// maxComparisons is how many comparisons a filter may have.
	maxComparisons = 15
	// maxDepth bounds how deep parentheses and nots may stand in each other. The
	// service tells no such limit; its own lies somewhere too.
	maxDepth = 100
)

// parseFilter reads a $filter. A syntax error is 400 InvalidInput; what the service's
// documentation says it does not do (functions, arithmetic, a property on the right,
// null) is 501 NotImplemented.
func parseFilter(text string) (filter, *wire.Error) {
	p := filterParser{text: text}
	p.advance()
	f := p.or(0)
	if p.refusal == nil && p.token.kind != endToken {
		p.fail()
	}
	if p.refusal != nil {
		return nil, p.refusal
	}
	return f, nil
}

type tokenKind uint8

const (
	endToken tokenKind = iota
	openToken
	closeToken
	wordToken     // an operator or a property
	constantToken // a literal, read
)

type token struct {
	kind     tokenKind
	text     string
	constant any
}

// filterParser reads a filter by recursive descent. After the first error it reads no
// further: the token stays the end.
type filterParser struct {
	text        string
	at          int // behind token
	token       token
	comparisons int
	refusal     *wire.Error
}

func (p *filterParser) fail() {
	p.refuse(badInput(fmt.Sprintf("Syntax error at position %d in '%s'.", p.at, p.text)))
}

func (p *filterParser) refuse(refusal *wire.Error) {
	if p.refusal == nil {
		p.refusal = refusal
	}
	p.token = token{kind: endToken}
	p.at = len(p.text)
}

func (p *filterParser) or(depth int) filter {
	f := p.and(depth)
	for p.keyword("or") {
		f = either{f, p.and(depth)}
	}
	return f
}

func (p *filterParser) and(depth int) filter {
	f := p.not(depth)
	for p.keyword("and") {
		f = both{f, p.not(depth)}
	}
	return f
}

func (p *filterParser) not(depth int) filter {
	if depth > maxDepth {
		p.refuse(badInput("The filter is nested too deep."))
		return flag{}
	}
	if p.keyword("not") {
		return negated{p.not(depth + 1)}
	}
	if p.token.kind != openToken {
		return p.compared()
	}
	p.advance()
	f := p.or(depth + 1)
	if p.token.kind != closeToken {
		p.fail()
		return f
	}
	p.advance()
	return f
}

// compared reads "name operator constant", or a name alone.
func (p *filterParser) compared() filter {
	left := p.token
	switch left.kind {
	case wordToken:
	case constantToken:
		p.refuse(notBuilt("a constant on the left of a comparison"))
		return flag{}
	default:
		p.fail()
		return flag{}
	}
	if checkName(left.text) != nil {
		p.fail()
		return flag{}
	}
	if p.comparisons++; p.comparisons > maxComparisons {
		p.refuse(badInput("The filter has more than 15 comparisons."))
		return flag{}
	}
	p.advance()
	operator := p.token.text
	switch {
	case p.token.kind == openToken:
		p.refuse(notBuilt("the function " + left.text))
		return flag{}
	case p.token.kind != wordToken || operator == "and" || operator == "or":
		return flag{left.text}
	}
	switch operator {
	case "eq", "ne", "gt", "ge", "lt", "le":
	case "add", "sub", "mul", "div", "mod":
		p.refuse(notBuilt("arithmetic"))
		return flag{}
	default:
		p.fail()
		return flag{}
	}
	p.advance()
	right := p.token
	switch right.kind {
	case constantToken:
		p.advance()
		return comparison{left.text, operator, right.constant}
	case wordToken:
		p.refuse(notBuilt("a comparison with what is no constant"))
	default:
		p.fail()
	}
	return flag{}
}

// keyword passes over the word if it is next.
func (p *filterParser) keyword(word string) bool {
	if p.token.kind != wordToken || p.token.text != word {
		return false
	}
	p.advance()
	return true
}

// advance reads the next token.
func (p *filterParser) advance() {
	rest := strings.TrimLeftFunc(p.text[p.at:], unicode.IsSpace)
	p.at = len(p.text) - len(rest)
	if rest == "" {
		p.token = token{kind: endToken}
		return
	}
	switch rest[0] {
	case '(':
		p.at++
		p.token = token{kind: openToken}
		return
	case ')':
		p.at++
		p.token = token{kind: closeToken}
		return
	}
	end := strings.IndexFunc(rest, func(c rune) bool {
		return c == '(' || c == ')' || c == '\'' || unicode.IsSpace(c)
	})
	if end < 0 {
		end = len(rest)
	}
	word := rest[:end]
	p.at += end
	if end == len(rest) || rest[end] != '\'' {
		p.word(word)
		return
	}
	literal, behind, ok := quoted(rest[end:])
	p.at = len(p.text) - len(behind)
	constant, known := typedLiteral(word, literal)
	if !ok || !known {
		p.fail()
		return
	}
	if next, _ := utf8.DecodeRuneInString(behind); behind != "" && next != ')' && !unicode.IsSpace(next) {
		p.fail()
		return
	}
	p.token = token{kind: constantToken, constant: constant}
}

// word makes a token of a word without quotes: a number, true, false, or a name.
func (p *filterParser) word(word string) {
	switch word {
	case "true", "false":
		p.token = token{kind: constantToken, constant: word == "true"}
		return
	case "null":
		p.refuse(notBuilt("null in a filter"))
		return
	}
	if c := word[0]; c != '-' && (c < '0' || c > '9') {
		p.token = token{kind: wordToken, text: word}
		return
	}
	number, ok := parseNumber(word)
	if !ok {
		p.fail()
		return
	}
	p.token = token{kind: constantToken, constant: number}
}

// typedLiteral reads the literal between quotes that hint stands before.
func typedLiteral(hint, literal string) (any, bool) {
	switch hint {
	case "":
		return literal, true
	case "datetime":
		t, ok := parseDateTime(literal)
		return t, ok
	case "guid":
		return GUID(strings.ToLower(literal)), isGUID(literal)
	case "X", "x", "binary":
		b, err := hex.DecodeString(literal)
		return b, err == nil
	}
	return nil, false
}

// parseNumber reads a number as OData 3 writes it: 1 and -1 are Int32 (Int64 where they
// do not fit), 1L Int64, 1.0, 1e0, 1D and 1F Double.
func parseNumber(word string) (any, bool) {
	body, suffix := word[:len(word)-1], word[len(word)-1]
	switch suffix {
	case 'L', 'l':
		n, err := strconv.ParseInt(body, 10, 64)
		return n, err == nil && body[0] != '+'
	case 'D', 'd', 'F', 'f':
		f, ok := parseDouble(body)
		return f, ok && !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	n, err := strconv.ParseInt(word, 10, 64)
	switch {
	case err == nil && n == int64(int32(n)):
		return int32(n), true
	case err == nil:
		return n, true
	}
	f, ok := parseDouble(word)
	return f, ok && !math.IsInf(f, 0)
}
