package statement

import "strings"

func (p *parser) insert() {
	switch {
	case p.accept("ignore"):
		p.out.Guarded = true
	case p.accept("or", "ignore"):
		p.out.Guarded = true
	case p.accept("or", "replace"):
		p.out.Verb, p.out.Guarded = Upsert, true
	case p.accept("or"):
		p.next()
	case p.peek().is("low_priority"), p.peek().is("delayed"), p.peek().is("high_priority"):
		p.next()
		p.out.Guarded = p.accept("ignore")
	}
	p.accept("into")
	p.out.Table = p.table()
	if p.accept("as") {
		p.next()
	}
	columns := p.columns()
	switch {
	case p.accept("values"), p.accept("value"):
		p.row(columns)
	case p.accept("set"):
		p.assignments()
	case p.peek().is("select"), p.peek().is("("):
		if p.has("not", "exists") {
			p.out.Guarded = true
		}
		p.projection(columns)
	}
	p.out.Returns = p.has("returning") || p.has("output")
	p.out.Open = p.holes()
	for p.peek().kind != end {
		switch {
		case p.accept("on", "conflict"):
			p.out.Guarded = true
			p.out.Target = p.columns()
			for p.peek().kind != end && !p.peek().is("do") {
				p.next()
			}
			if p.accept("do", "update", "set") {
				p.replaces()
			}
		case p.accept("on", "duplicate", "key", "update"):
			p.out.Guarded = true
			p.replaces()
		default:
			p.next()
		}
	}
}

// replaces reads the assignments of an upsert: only whether they are relative counts.
func (p *parser) replaces() {
	p.out.Verb = Upsert
	sets := p.out.Sets
	p.assignments()
	p.out.Sets = sets
}

// columns is a list of names in parentheses, or nothing.
func (p *parser) columns() []string {
	if !p.peek().is("(") {
		return nil
	}
	if t := p.tokens[min(p.at+1, len(p.tokens)-1)]; t.is("select") {
		return nil
	}
	start := p.at
	p.group()
	var list []string
	for i, t := range p.tokens[start:p.at] {
		switch {
		case t.name() && (p.tokens[start+i-1].is("(") || p.tokens[start+i-1].is(",")):
			list = append(list, strings.ToLower(t.text))
		case t.kind == hole:
			return nil
		}
	}
	return list
}

// row reads the first row of VALUES.
func (p *parser) row(columns []string) {
	if !p.accept("(") {
		return
	}
	for i := 0; ; i++ {
		v, more := p.expression(")")
		if i < len(columns) {
			p.out.Sets = append(p.out.Sets, Pair{Column: columns[i], Value: v})
		}
		if !more {
			return
		}
	}
}

// projection reads the values of INSERT … SELECT.
func (p *parser) projection(columns []string) {
	for p.accept("(") {
	}
	if !p.accept("select") {
		return
	}
	p.accept("distinct")
	for i := 0; ; i++ {
		v, more := p.expression("from", "where", ")", "on")
		if p.called {
			v = Operand{Arg: -1} // a function may make rows of one value: unnest($1)
		}
		if i < len(columns) {
			p.out.Sets = append(p.out.Sets, Pair{Column: columns[i], Value: v})
		}
		if !more {
			return
		}
	}
}
