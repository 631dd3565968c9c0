package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/idemlint/idemlint/internal/statement"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Operators of what SQL statements say.
const (
	// opTransaction is the condition of a statement that stands or falls with others.
	opTransaction = "transaction"
	// StateCondition is the condition of an update that asks for the state it leaves.
	StateCondition = "state"
)

// said is what the text of a statement says of a call.
type said struct {
	statement.Statement
	// args are the values that the placeholders stand for.
	args *value.Value
	key  *value.Value
}

// stated is the meaning of a call that takes a statement or an update document, read from
// it: the model with the role that the text tells, and what else it tells, nil where
// that is nothing.
func (o *operands) stated(m *models.Call) (*models.Call, *said) {
	if m.Role == models.Write && m.Statement == "" {
		relative := relativeUpdate(o.union(m.Value), o.e.Index)
		fenced := len(m.Key) > 1 && m.Conditions == nil && fences(o.at(m.Key[1]))
		if !relative && !fenced {
			return m, nil
		}
		bent := *m
		if relative {
			bent.Role = models.Append
		}
		if fenced {
			bent.Conditions = m.Key[1:]
		}
		return &bent, nil
	}
	if m.Statement == "" || m.Role == models.Client {
		return m, nil
	}
	s := &said{Statement: statement.Parse(SQL(o.e.Index, o.at(m.Statement)))}
	role := m.Role
	switch s.Verb {
	case statement.Unknown:
		return m, nil
	case statement.Select:
		role = models.Read
	case statement.Insert:
		role = models.Create
	case statement.Upsert, statement.Update:
		role = models.Write
		if s.Relative {
			role = models.Append
		}
	case statement.Delete:
		role = models.Remove
	case statement.Other:
		role = models.Local
	}
	s.args = o.union(m.Value)
	s.key = o.row(s)
	if role == m.Role {
		return m, s
	}
	bent := *m
	bent.Role = role
	return &bent, s
}

// SQL is the text that a value stands for, with holes where it is not known.
func SQL(ix *models.Index, v *value.Value) string {
	const hole = string(statement.Hole)
	if v == nil {
		return hole
	}
	switch v.Kind {
	case value.Const:
		return v.Text
	case value.Boxed:
		return SQL(ix, v.Args[0])
	case value.Apply:
		switch v.Text {
		case "+":
			var b strings.Builder
			for _, a := range v.Args {
				b.WriteString(SQL(ix, a))
			}
			return b.String()
		case "fmt.Sprintf":
			return formatted(ix, v)
		case "strings.TrimSpace":
			return SQL(ix, v.Args[0])
		}
		return SQL(ix, prepared(ix, v))
	}
	return hole
}

// prepared is the text that a prepared statement was made of, or nil.
func prepared(ix *models.Index, v *value.Value) *value.Value {
	m := ix.Call(v.Text)
	if m == nil || m.Role != models.Client {
		return nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(string(m.Statement), "arg"))
	if strings.HasPrefix(m.Func, "(") {
		n++ // the receiver stands first
	}
	if err != nil || n >= len(v.Args) {
		return nil
	}
	return v.Args[n]
}

// formatted is a format with its arguments put in.
func formatted(ix *models.Index, v *value.Value) string {
	if len(v.Args) == 0 || v.Args[0].Kind != value.Const {
		return string(statement.Hole)
	}
	var args []*value.Value
	if len(v.Args) > 1 {
		args = v.Args[1:]
		if len(args) == 1 && args[0].Kind == value.List {
			args = args[0].Args
		}
	}
	var b strings.Builder
	format := v.Args[0].Text
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		if i++; format[i] == '%' {
			b.WriteByte('%')
			continue
		}
		for i < len(format)-1 && strings.IndexByte("+-# 0123456789.[]*", format[i]) >= 0 {
			i++
		}
		if len(args) == 0 {
			b.WriteByte(statement.Hole)
			continue
		}
		b.WriteString(SQL(ix, args[0]))
		args = args[1:]
	}
	return b.String()
}

// row is the key of the rows that a statement touches: the table and what identifies a
// row in it.
func (o *operands) row(s *said) *value.Value {
	t := o.e.Table
	if s.Table == "" {
		return t.Unknown()
	}
	key := t.Const("table " + s.Table)
	var parts []*value.Value
	switch s.Verb {
	case statement.Insert, statement.Upsert:
		for _, c := range s.Identity() {
			parts = append(parts, o.operand(s, c))
		}
	default:
		list := slices.Clone(s.Where)
		slices.SortStableFunc(list, func(a, b statement.Pair) int { return strings.Compare(a.Column, b.Column) })
		for _, w := range list {
			if w.By == "=" && !statement.State(w.Column) {
				parts = append(parts, o.operand(s, w.Value))
			}
		}
	}
	if len(parts) == 0 {
		parts = append(parts, t.Unknown())
	}
	for _, p := range parts {
		key = o.join(key, p)
	}
	return key
}

// operand is the value of a placeholder or a constant.
func (o *operands) operand(s *said, of statement.Operand) *value.Value {
	return Operand(o.e.Table, s.args, of)
}

// Operand is the value that an operand of a statement stands for, given the statement's
// arguments.
func Operand(t *value.Table, args *value.Value, of statement.Operand) *value.Value {
	switch {
	case of.Const:
		return t.Const(of.Text)
	case args == nil:
		return t.Unknown()
	case of.Name != "":
		if v := namedArgument(t, args, of.Name); v != nil {
			return v
		}
		if args.Kind != value.Nil {
			return t.Apply("argument", args)
		}
	case of.Arg >= 0 && args.Kind == value.List && of.Arg < len(args.Args):
		return unboxed(args.Args[of.Arg])
	case of.Arg >= 0 && args.Kind != value.List && args.Kind != value.Nil:
		return t.Apply("argument", args)
	}
	return t.Unknown()
}

func unboxed(v *value.Value) *value.Value {
	for v.Kind == value.Boxed {
		v = v.Args[0]
	}
	return v
}

// namedArgument looks for a named argument: sql.Named, pgx.NamedArgs, a struct's field.
func namedArgument(t *value.Table, args *value.Value, name string) *value.Value {
	plain := func(s string) string {
		return strings.ToLower(strings.ReplaceAll(strings.Trim(s, `[]"`), "_", ""))
	}
	v := unboxed(args)
	switch v.Kind {
	case value.List:
		for _, a := range v.Args {
			if found := namedArgument(t, a, name); found != nil {
				return found
			}
		}
	case value.Apply:
		if v.Text == "database/sql.Named" && len(v.Args) == 2 && v.Args[0].Kind == value.Const && plain(v.Args[0].Text) == plain(name) {
			return unboxed(v.Args[1])
		}
	case value.Struct:
		for i, n := range v.Names {
			if n != "" && plain(n) == plain(name) {
				return unboxed(v.Args[i])
			}
		}
		if len(v.Names) > 0 && v.Names[0] == "" {
			return namedArgument(t, v.Args[0], name)
		}
	case value.Received, value.Message, value.Field, value.Read, value.Elem:
		return t.Field(v, name)
	}
	return nil
}

// fill puts what a statement says into the effect that it makes.
func (s *said) fill(o *operands, m *models.Call, x *summary.Effect) {
	t := o.e.Table
	x.Slots[summary.Content] = s.content(o)
	var conditions []*value.Value
	if len(m.Conditions) > 0 {
		// It holds for each delivery anew.
		conditions = append(conditions, t.Apply(opTransaction, t.Unknown()))
	}
	switch s.Verb {
	case statement.Insert:
		if s.Guarded {
			x.Slots[summary.IfNoneMatch] = t.Const("*")
		}
	case statement.Update:
		for _, w := range s.Where {
			switch {
			case w.By == "=" && statement.Version(w.Column):
				version := o.operand(s, w.Value)
				x.Slots[summary.IfMatch] = version
				conditions = append(conditions, version)
			case s.Guarded && statement.State(w.Column):
				conditions = append(conditions, t.Const(StateCondition))
			}
		}
		if s.Guarded && len(conditions) == 0 {
			conditions = append(conditions, t.Const(StateCondition))
		}
	}
	x.Slots[summary.Conditions] = nil
	if len(conditions) > 0 {
		x.Slots[summary.Conditions] = t.List(conditions...)
	}
}

// content is what a statement writes: a struct of its columns, or the value of the only
// one that counts.
func (s *said) content(o *operands) *value.Value {
	var names []string
	values := map[string]*value.Value{}
	for _, p := range s.Sets {
		if _, twice := values[p.Column]; !twice {
			names = append(names, p.Column)
		}
		values[p.Column] = o.operand(s, p.Value)
	}
	if len(names) == 0 {
		return s.args
	}
	counting := slices.DeleteFunc(slices.Clone(names), func(c string) bool {
		return values[c].Kind == value.Unknown || statement.Version(c) || statement.Stamp(c)
	})
	if s.Verb == statement.Update && len(counting) == 1 {
		return values[counting[0]]
	}
	slices.Sort(names)
	args := make([]*value.Value, len(names))
	for i, n := range names {
		args[i] = values[n]
	}
	return o.e.Table.Struct("table "+s.Table, nil, names, args)
}

// fences reports whether a filter asks for more than a key: that something is not there
// yet, for a state, for a version.
func fences(filter *value.Value) bool {
	says := func(name string) bool {
		name = strings.ToLower(strings.Trim(name, `[]"`))
		return strings.HasPrefix(name, "$") && name != "$eq" && name != "$in" && name != "$and" || statement.State(name)
	}
	return value.Exists(filter, func(v *value.Value) bool {
		switch v.Kind {
		case value.Struct:
			for i, n := range v.Names {
				if says(n) || n == "Key" && v.Args[i].Kind == value.Const && says(v.Args[i].Text) {
					return true
				}
			}
		}
		return false
	})
}

// relativeUpdate reports whether an update applies a change to what is there: an operator
// of an update document, an expression in the place of a value.
func relativeUpdate(content *value.Value, ix *models.Index) bool {
	return value.Exists(content, func(v *value.Value) bool {
		switch v.Kind {
		case value.Const:
			return statement.RelativeOperator(v.Text)
		case value.Struct:
			return slices.ContainsFunc(v.Names, func(n string) bool { return statement.RelativeOperator(strings.Trim(n, `[]"`)) })
		case value.Apply:
			m := ix.Call(v.Text)
			return m != nil && m.Role == models.Client && m.Statement != "" && len(v.Args) > 0 && v.Args[0].Kind == value.Const && statement.RelativeExpression(v.Args[0].Text)
		}
		return false
	})
}
