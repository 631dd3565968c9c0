package sideeffect

import (
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/statement"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/passes/window"
)

// read reads an effect's statement, also where its text became known only in this window.
func read(x *window.Effect) statement.Statement {
	return statement.Parse(engine.SQL(window.Index(), x.Slots[summary.Verb]))
}

// inserts judges an INSERT: whether a second one adds a second row.
func inserts(w *window.Window, x *window.Effect, s statement.Statement) (r repetition, ok bool) {
	if s.Verb != statement.Insert || s.Guarded || s.Open || len(s.Sets) == 0 || !w.OfMessage(x.Slots[summary.Content]) {
		return r, false
	}
	if window.Passing(value.NewTable().Const(s.Table)) || slices.Contains(marks, s.Table) {
		return r, false
	}
	told := false // some column tells the row from others
	identities := true
	for _, p := range s.Sets {
		v := column(x, p)
		switch {
		case statement.OnceKey(p.Column), isKey(s, p.Value):
			told = told || v.Kind != value.Nil && v.Kind != value.Const
		case !saysID(p.Column) && w.OfMessage(v):
			identities = false
		}
	}
	if told || identities {
		return r, false
	}
	where := "a table"
	if s.Table != "" {
		where = s.Table
	}
	return repetition{
		"inserts into " + where + " without a conflict clause or a key of the message", "inserts the row", "inserts it again: there are two of it",
	}, true
}

// marks are tables whose rows mark what was done.
var marks = []string{"processed_messages", "processed_events", "inbox", "idempotency_keys"}

// isKey reports whether a value is one that identifies the inserted row.
func isKey(s statement.Statement, o statement.Operand) bool {
	return slices.Contains(s.Identity(), o) && (o.Arg >= 0 || o.Name != "")
}

// saysID reports whether a column refers to something by its id.
func saysID(column string) bool {
	return column == "id" || strings.HasSuffix(column, "_id") || strings.HasSuffix(column, "uuid")
}

// column is the value of a column that is inserted.
func column(x *window.Effect, p statement.Pair) *value.Value {
	content := x.Slots[summary.Content]
	if content != nil && content.Kind == value.Struct && strings.HasPrefix(content.Text, "table ") {
		for i, n := range content.Names {
			if n == p.Column {
				return content.Args[i]
			}
		}
	}
	return engine.Operand(value.NewTable(), content, p.Value)
}

// creates judges an insert through a mapper: a struct or a document.
func creates(w *window.Window, x *window.Effect) (r repetition, ok bool) {
	content := x.Slots[summary.Content]
	if content == nil || !w.OfMessage(content) || conflictClause(x) || window.Passing(x.Slots[summary.Key]) {
		return r, false
	}
	fields, known := fieldsOf(content)
	if !known || len(fields) == 0 {
		return r, false
	}
	identities := true
	for _, f := range fields {
		name := strings.ToLower(strings.ReplaceAll(f.name, "_", ""))
		switch {
		case name == "id" || name == "uuid" || name == "key" || name == "model" || statement.OnceKey(name):
			if f.value.Kind != value.Nil && f.value.Kind != value.Const {
				return r, false
			}
		case !strings.HasSuffix(name, "id") && w.OfMessage(f.value):
			identities = false
		}
	}
	if identities {
		return r, false
	}
	return repetition{
		"inserts without a key of the message", "inserts the record", "inserts it again: there are two of it",
	}, true
}

// conflictClause reports whether a conflict clause was given to the receiver.
func conflictClause(x *window.Effect) bool {
	return value.Exists(x.Slots[summary.Client], func(v *value.Value) bool {
		return v.Kind == value.Struct && strings.HasSuffix(v.Text, ".OnConflict")
	})
}

type field struct {
	name  string
	value *value.Value
}

// fieldsOf lists the fields of a struct, a map or a list of pairs (bson.D) as it was
// built here; known is false for all else.
func fieldsOf(v *value.Value) (list []field, known bool) {
	for v.Kind == value.Boxed {
		v = v.Args[0]
	}
	switch v.Kind {
	case value.Struct:
		for i, n := range v.Names {
			if n == "" {
				return nil, false // something else, with fields changed
			}
			list = append(list, field{strings.Trim(n, `[]"`), v.Args[i]})
		}
		return list, true
	case value.List:
		for _, a := range v.Args {
			pair, ok := fieldsOf(a)
			if !ok {
				return nil, false
			}
			f := field{}
			for _, p := range pair {
				switch {
				case p.name == "Key" && p.value.Kind == value.Const:
					f.name = p.value.Text
				case p.name == "Value":
					f.value = p.value
				}
			}
			if f.name == "" || f.value == nil {
				return nil, false
			}
			list = append(list, f)
		}
		return list, true
	}
	return nil, false
}
