// Package statement reads the text of an SQL statement as far as a message that comes
// twice asks: what is done to which table, by which key, and what keeps it from being
// done twice. It knows the common part of PostgreSQL, MySQL, SQLite and SQL Server.
//
// A text may have holes, parts that are not known. Nothing is guessed: what a hole may
// hide is unknown.
//
// Sources: https://www.postgresql.org/docs/current/sql-commands.html,
// https://dev.mysql.com/doc/refman/8.4/en/sql-data-manipulation-statements.html,
// https://www.sqlite.org/lang.html
package statement

import "strings"

// Verb is what a statement does.
type Verb uint8

const (
	// Unknown is a statement that could not be read, or several at once.
	Unknown Verb = iota
	// Select reads.
	Select
	// Insert adds rows; a conflict with what is there fails or is ignored.
	Insert
	// Upsert adds rows or replaces what is there.
	Upsert
	// Update changes rows that are there.
	Update
	// Delete removes rows.
	Delete
	// Other neither reads nor writes rows: definitions, transactions, locks.
	Other
)

func (v Verb) String() string {
	return [...]string{"unknown", "select", "insert", "upsert", "update", "delete", "other"}[v]
}

// Operand is the value of a column.
type Operand struct {
	// Arg is the number of the argument, from 0; -1 where the value is none.
	Arg int
	// Name is the name of a named argument; Arg is -1.
	Name string
	// Text is the text of a constant, quotes removed; Const says that it is one.
	Text  string
	Const bool
}

// Pair is a column and the value that it is given, or that it is compared with.
type Pair struct {
	Column string
	Value  Operand
	// By is how it is compared: "=", "is", "<", "in"; empty for what it is given.
	By string
}

// Statement is what a text says.
type Statement struct {
	Verb Verb
	// Table is lower case and without quotes; empty where it is not known.
	Table string
	// Guarded: a repetition is refused or ignored: a conflict clause, NOT EXISTS, an
	// update that also asks for a version or a state.
	Guarded bool
	// Open: a hole may hide a clause.
	Open bool
	// Relative: an assignment depends on what the same column held: x = x + 1.
	Relative bool
	// Locks: rows are locked until the transaction ends (FOR UPDATE).
	Locks bool
	// Returns: a write returns rows (RETURNING, OUTPUT).
	Returns bool
	// Sets are the columns of the first row inserted, or of the assignments.
	Sets []Pair
	// Where are the columns that are compared, joined by AND.
	Where []Pair
	// Target are the columns by which a conflict is found.
	Target []string
}

// Parse reads a text.
func Parse(s string) Statement {
	p := &parser{tokens: scan(s)}
	p.statement()
	return p.out
}

type parser struct {
	tokens []token
	at     int
	marks  int // the "?" seen
	// called: the last expression had parentheses.
	called bool
	out    Statement
}

func (p *parser) peek() token {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return token{}
}

func (p *parser) next() token {
	t := p.peek()
	if p.at < len(p.tokens) {
		p.at++
	}
	if t.kind == placeholder && t.text == "" {
		p.marks++
	}
	return t
}

// accept goes past these words, all or none.
func (p *parser) accept(words ...string) bool {
	for i, w := range words {
		if p.at+i >= len(p.tokens) || !p.tokens[p.at+i].is(w) {
			return false
		}
	}
	p.at += len(words)
	return true
}

// has reports whether the words stand one after another in what is left.
func (p *parser) has(words ...string) bool {
	for i := p.at; i+len(words) <= len(p.tokens); i++ {
		all := true
		for j, w := range words {
			all = all && p.tokens[i+j].is(w)
		}
		if all {
			return true
		}
	}
	return false
}

func (p *parser) statement() {
	for i, t := range p.tokens {
		if t.is(";") && i < len(p.tokens)-1 {
			return // several statements
		}
	}
	if p.accept("with") && !p.commonTables() {
		return
	}
	switch t := p.next(); {
	case t.is("select"), t.is("values"), t.is("table"), t.is("show"), t.is("explain"), t.is("describe"), t.is("pragma"):
		p.out.Verb = Select
		p.selects()
	case t.is("insert"):
		p.out.Verb = Insert
		p.insert()
	case t.is("replace"):
		p.out.Verb = Upsert
		p.insert()
		p.out.Guarded = true
	case t.is("merge"):
		p.out.Verb, p.out.Guarded = Upsert, true
		p.accept("into")
		p.out.Table = p.table()
		p.out.Open = p.holes()
	case t.is("update"):
		p.out.Verb = Update
		p.update()
	case t.is("delete"), t.is("truncate"):
		p.out.Verb = Delete
		p.accept("from")
		p.accept("table")
		p.out.Table = p.table()
		p.clauses()
	case t.is("create"), t.is("drop"), t.is("alter"), t.is("begin"), t.is("commit"), t.is("rollback"), t.is("set"),
		t.is("lock"), t.is("unlock"), t.is("savepoint"), t.is("release"), t.is("listen"), t.is("unlisten"), t.is("use"),
		t.is("vacuum"), t.is("analyze"), t.is("start"), t.is("grant"), t.is("revoke"), t.is("comment"), t.is("attach"):
		p.out.Verb = Other
	}
}

// commonTables goes past the tables of a WITH; it reports whether they only read.
func (p *parser) commonTables() bool {
	p.accept("recursive")
	for {
		t := p.peek()
		if t.kind == end {
			return false
		}
		if t.is("(") {
			start := p.at
			p.group()
			for _, x := range p.tokens[start:p.at] {
				if x.is("insert") || x.is("update") || x.is("delete") || x.is("merge") || x.kind == hole {
					return false
				}
			}
			continue
		}
		if t.is("select") || t.is("insert") || t.is("update") || t.is("delete") || t.is("merge") {
			return true
		}
		p.next()
	}
}

// group goes past a parenthesis and what it encloses.
func (p *parser) group() {
	depth := 0
	for {
		switch t := p.next(); {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.kind == end:
			return
		}
		if depth <= 0 {
			return
		}
	}
}

// table is a name, perhaps with a schema; empty where it is not known.
func (p *parser) table() string {
	p.accept("only")
	t := p.next()
	if t.kind == hole {
		for p.accept(".") || p.peek().kind == hole {
			p.next()
		}
		return ""
	}
	if !t.name() {
		return ""
	}
	name := strings.ToLower(t.text)
	for p.accept(".") {
		t := p.next()
		if !t.name() {
			return ""
		}
		name += "." + strings.ToLower(t.text)
	}
	return name
}

// holes reports whether what is left has a hole outside of parentheses.
func (p *parser) holes() bool {
	depth := 0
	for _, t := range p.tokens[p.at:] {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.kind == hole && depth <= 0:
			return true
		}
	}
	return false
}

func (p *parser) selects() {
	p.out.Locks = p.has("for", "update") || p.has("for", "no", "key", "update") || p.has("updlock")
	depth := 0
	for p.peek().kind != end {
		switch t := p.next(); {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.is("from") && p.out.Table == "" && !p.peek().is("("):
			// The table that an EXISTS asks counts, too.
			p.out.Table = p.table()
		case t.is("where") && len(p.out.Where) == 0:
			p.where()
		case t.kind == hole && depth <= 0:
			p.out.Open = true
		case t.is("join"), t.is("union"):
			p.out.Table = "" // several tables
			p.out.Where = nil
			p.out.Open = p.out.Open || p.holes()
			return
		}
	}
}
