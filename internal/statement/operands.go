package statement

import (
	"slices"
	"strconv"
	"strings"
)

// expression reads one value up to a comma, which it eats, or to one of the ends; of
// these it eats a parenthesis.
func (p *parser) expression(ends ...string) (v Operand, more bool) {
	v.Arg, p.called = -1, false
	var parts []Operand
	first := p.at
	for {
		t := p.peek()
		switch {
		case t.kind == end:
			return only(parts), false
		case t.is(","):
			p.next()
			return only(parts), p.at > first
		case slices.ContainsFunc(ends, t.is):
			if t.is(")") {
				p.next()
			}
			return only(parts), false
		case t.is("("):
			start, marks := p.at, p.marks
			p.called = true
			p.group()
			if p.at == start {
				p.next()
			}
			parts = append(parts, p.inside(start, marks)...)
		default:
			parts = append(parts, p.operand(p.next(), p.marks)...)
			// A cast or an alias changes nothing: $1::uuid, ? AS id.
			if p.peek().is("::") || p.peek().is("as") {
				p.next()
				p.next()
			}
		}
	}
}

// inside are the values in a group that was gone past.
func (p *parser) inside(start, marks int) []Operand {
	var list []Operand
	for _, t := range p.tokens[start:p.at] {
		if t.kind == placeholder && t.text == "" {
			marks++
		}
		if t.kind == placeholder {
			list = append(list, p.operand(t, marks)...)
		}
	}
	return list
}

// operand is the value that a token stands for; marks are the "?" up to it.
func (p *parser) operand(t token, marks int) []Operand {
	switch t.kind {
	case placeholder:
		if t.text == "" {
			return []Operand{{Arg: marks - 1}}
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(t.text, "p")); err == nil && n > 0 {
			return []Operand{{Arg: n - 1}}
		}
		return []Operand{{Arg: -1, Name: t.text}}
	case number, text:
		return []Operand{{Arg: -1, Text: t.text, Const: true}}
	case punct:
		return nil
	}
	return []Operand{{Arg: -1}}
}

// only is the one value of an expression; where there is more than an argument with a
// function or a cast around it, nothing is known.
func only(parts []Operand) Operand {
	var one *Operand
	for i := range parts {
		o := &parts[i]
		if o.Arg < 0 && o.Name == "" && !o.Const {
			continue
		}
		if one != nil {
			return Operand{Arg: -1}
		}
		one = o
	}
	if one == nil || one.Const && len(parts) > 1 {
		return Operand{Arg: -1}
	}
	return *one
}
