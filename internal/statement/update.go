package statement

import (
	"slices"
	"strings"
)

func (p *parser) update() {
	p.accept("or", "ignore")
	p.accept("ignore")
	p.out.Table = p.table()
	for p.peek().kind != end && !p.peek().is("set") {
		if p.next().kind == hole {
			p.out.Open = true
		}
	}
	if !p.accept("set") {
		p.out.Open = true
		return
	}
	p.assignments()
	p.clauses()
	p.out.Guarded = p.fenced()
}

// assignments reads "a = ?, b = b + 1" up to the clause that follows.
func (p *parser) assignments() {
	for {
		t := p.next()
		if t.kind == hole {
			p.out.Open = true
			return
		}
		if t.is("(") { // (a, b) = (…)
			p.at--
			p.group()
			p.accept("=")
			p.group()
			if !p.accept(",") {
				return
			}
			continue
		}
		if !t.name() {
			return
		}
		for p.accept(".") {
			t = p.next()
		}
		column := strings.ToLower(t.text)
		relative := p.accept("+=") || p.accept("-=")
		if !relative && !p.accept("=") && !p.accept(":=") {
			return
		}
		start := p.at
		v, more := p.expression("where", "from", "returning", "output", "order", "limit", "on", ";")
		p.out.Relative = p.out.Relative || relative || p.reckons(start, column)
		p.out.Sets = append(p.out.Sets, Pair{Column: column, Value: v})
		if !more {
			return
		}
	}
}

// counters are columns that count changes on purpose.
var counters = []string{"version", "revision", "generation", "attempt", "retry", "retries", "tries", "epoch", "lock", "etag", "fail", "error", "deliver", "heartbeat", "sequence"}

// counts reports whether a name says that changes, attempts or failures are counted.
func counts(name string) bool {
	return slices.ContainsFunc(counters, func(c string) bool { return strings.Contains(name, c) })
}

// RelativeExpression reports whether an expression that is put in the place of a value is
// relative to what is there: "stock - ?".
func RelativeExpression(text string) bool {
	return strings.ContainsAny(text, "+-*|") && !counts(strings.ToLower(text))
}

// reckons reports whether the expression from start on is made of the column itself and
// of something more.
func (p *parser) reckons(start int, column string) bool {
	if counts(column) {
		return false
	}
	own, operator := false, false
	for i, t := range p.tokens[start:p.at] {
		switch {
		case t.name() && strings.EqualFold(t.text, column):
			// excluded.x and VALUES(x) are what was to be inserted.
			at := start + i
			if at >= 2 && p.tokens[at-1].is(".") && (p.tokens[at-2].is("excluded") || p.tokens[at-2].is("new")) ||
				at >= 2 && p.tokens[at-1].is("(") && p.tokens[at-2].is("values") {
				continue
			}
			own = true
		case t.is("+"), t.is("-"), t.is("*"), t.is("||"), t.is("concat"), t.is("array_append"), t.is("jsonb_insert"), t.is("json_array_append"):
			operator = true
		}
	}
	return own && operator
}

// clauses reads what follows the table or the assignments.
func (p *parser) clauses() {
	p.out.Returns = p.has("returning") || p.has("output")
	p.out.Open = p.out.Open || p.holes()
	for p.peek().kind != end {
		if t := p.next(); t.is("where") {
			p.where()
			return
		} else if t.is("(") {
			p.at--
			p.group()
		}
	}
}

// where reads the comparisons that are joined by AND. An OR beside them leaves nothing.
func (p *parser) where() {
	depth := 0
	for p.peek().kind != end {
		t := p.next()
		switch {
		case t.kind == hole:
			p.out.Open = true
		case t.is("("):
			if p.peek().is("select") {
				p.at--
				p.group()
				continue
			}
			depth++
		case t.is(")"):
			if depth--; depth < 0 {
				return
			}
		case t.is("or") && depth == 0:
			p.out.Where = nil
			p.skipWhere()
			return
		case t.is("not"):
			p.next() // NOT EXISTS, NOT IN, NOT x
		case t.is("group"), t.is("order"), t.is("limit"), t.is("returning"), t.is("for"):
			return
		case t.name():
			p.comparison(t, depth)
		}
	}
}

func (p *parser) skipWhere() {
	for p.peek().kind != end {
		p.next()
	}
}

func (p *parser) comparison(t token, depth int) {
	for p.accept(".") {
		t = p.next()
	}
	by := p.peek()
	if by.kind != punct && !by.is("is") && !by.is("in") || !slices.Contains(comparisons, by.text) || !t.name() {
		return
	}
	p.next()
	if by.is("is") && p.accept("not") {
		by.text = "<>"
	}
	var v Operand
	if p.peek().is("(") {
		p.group()
		v.Arg = -1
	} else {
		v = only(p.operand(p.next(), p.marks))
		if p.peek().is("(") { // a function of arguments
			start, marks := p.at, p.marks
			p.group()
			v = only(append(p.inside(start, marks), Operand{Arg: -1}))
		}
	}
	if depth == 0 {
		p.out.Where = append(p.out.Where, Pair{strings.ToLower(t.text), v, by.text})
	}
}

var comparisons = []string{"=", "is", "in", "<", "<=", ">", ">=", "<>", "!="}

// states are the columns by which an update asks for what it changes.
var states = []string{"version", "revision", "etag", "generation", "epoch", "lock", "state", "status", "stage", "phase", "claimed", "owner", "worker", "processed", "seq", "updated_at", "last_"}

// fenced reports whether an update asks for a version or a state beside the key, or for
// the old value of a column that it sets. "Is there enough left?" does not count: it is
// true the second time, too.
func (p *parser) fenced() bool {
	return slices.ContainsFunc(p.out.Where, func(w Pair) bool {
		if slices.ContainsFunc(states, func(s string) bool { return strings.Contains(w.Column, s) }) {
			return true
		}
		ordered := strings.ContainsAny(w.By, "<>") && w.By != "<>"
		return !ordered && slices.ContainsFunc(p.out.Sets, func(s Pair) bool { return s.Column == w.Column })
	})
}
