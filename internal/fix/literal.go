package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// SetOption gives a field of an argument's options a value: arg is the argument's
// place, fields lead from the options to the field. The options must be nil or a
// literal, and nothing may be said yet about the field or those that lead to it.
func (s *Site) SetOption(arg int, fields []string, text string) ([]analysis.TextEdit, bool) {
	if arg >= len(s.Call.Args) || s.Call.Ellipsis.IsValid() || len(fields) == 0 {
		return nil, false
	}
	sig, ok := s.Info.TypeOf(s.Call.Fun).(*types.Signature)
	if !ok || arg >= sig.Params().Len() || sig.Variadic() && arg >= sig.Params().Len()-1 {
		return nil, false
	}
	at := s.Call.Args[arg]
	if isNil(s.Info, at) {
		literal, edits, ok := s.build(sig.Params().At(arg).Type(), fields, text, s.Indent(at.Pos()))
		return append(edits, Replace(at, literal)), ok
	}
	return s.extend(at, fields, text)
}

func isNil(info *types.Info, e ast.Expr) bool {
	tv, ok := info.Types[e]
	return ok && tv.IsNil()
}

// extend adds a field to a literal.
func (s *Site) extend(e ast.Expr, fields []string, text string) ([]analysis.TextEdit, bool) {
	e = ast.Unparen(e)
	if u, ok := e.(*ast.UnaryExpr); ok {
		e = ast.Unparen(u.X)
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	for _, x := range lit.Elts {
		kv, ok := x.(*ast.KeyValueExpr)
		if !ok {
			return nil, false // fields without names
		}
		if id, ok := kv.Key.(*ast.Ident); !ok || id.Name != fields[0] {
			continue
		}
		if len(fields) > 1 && !isNil(s.Info, kv.Value) {
			return s.extend(kv.Value, fields[1:], text)
		}
		if !isNil(s.Info, kv.Value) {
			return nil, false // something else is said already
		}
		literal, edits, ok := s.value(s.Info.TypeOf(lit), fields, text, s.Indent(kv.Pos()))
		return append(edits, Replace(kv.Value, literal)), ok
	}
	indent := s.Indent(lit.Pos())
	own := len(lit.Elts) > 0 && s.line(lit.Elts[len(lit.Elts)-1].End()) != s.line(lit.Rbrace)
	if own {
		indent = s.Indent(lit.Elts[len(lit.Elts)-1].Pos())
	}
	literal, edits, ok := s.value(s.Info.TypeOf(lit), fields, text, indent)
	if !ok {
		return nil, false
	}
	field := fields[0] + ": " + literal
	if len(lit.Elts) == 0 {
		return append(edits, analysis.TextEdit{Pos: lit.Lbrace + 1, End: lit.Rbrace, NewText: []byte(field)}), s.comments(lit) == 0
	}
	last := lit.Elts[len(lit.Elts)-1]
	if own {
		// A comma stands behind the last element already, and perhaps a comment.
		return append(edits, Insert(s.lineEnd(last.End()), "\n"+indent+field+",")), true
	}
	return append(edits, Insert(last.End(), ", "+field)), true
}

func (s *Site) line(pos token.Pos) int { return s.Fset.PositionFor(pos, false).Line }

// build writes a literal of type t whose field (and what leads to it) is set; indent is
// that of the line it begins in.
func (s *Site) build(t types.Type, fields []string, text, indent string) (string, []analysis.TextEdit, bool) {
	prefix := ""
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		prefix, t = "&", p.Elem()
	}
	name, edits, ok := s.typeName(t)
	if !ok {
		return "", nil, false
	}
	open, end, deeper := "{", "}", indent
	if len(fields) > 2 {
		deeper += "\t"
		open, end = "{\n"+deeper, ",\n"+indent+"}"
	}
	inner, more, ok := s.value(t, fields, text, deeper)
	if !ok {
		return "", nil, false
	}
	return prefix + name + open + fields[0] + ": " + inner + end, append(edits, more...), true
}

// value is what the first field of a struct is set to.
func (s *Site) value(t types.Type, fields []string, text, indent string) (string, []analysis.TextEdit, bool) {
	field := fieldOf(t, fields[0])
	if field == nil {
		return "", nil, false
	}
	if len(fields) == 1 {
		return text, nil, true
	}
	return s.build(field.Type(), fields[1:], text, indent)
}

// fieldOf is a struct's own field.
func fieldOf(t types.Type, name string) *types.Var {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return nil
	}
	for f := range st.Fields() {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

// FieldType is the type at the end of a path of fields.
func FieldType(t types.Type, fields []string) types.Type {
	if t == nil {
		return nil
	}
	for _, name := range fields {
		f := fieldOf(t, name)
		if f == nil {
			return nil
		}
		t = f.Type()
	}
	return t
}

// Selector writes a path of fields behind an operand, embedded structs left out where
// Go finds the field without them.
func Selector(t types.Type, operand string, fields []string) string {
	var kept []string
	for i, name := range fields {
		f := fieldOf(t, name)
		if f == nil {
			return ""
		}
		if !(f.Embedded() && i < len(fields)-1 && promoted(t, fields[i+1], fieldOf(f.Type(), fields[i+1]))) {
			kept = append(kept, name)
		}
		t = f.Type()
	}
	return operand + "." + strings.Join(kept, ".")
}

// promoted tells whether a struct shows a field of something that it embeds.
func promoted(t types.Type, name string, field *types.Var) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	return field != nil && obj == field
}
