package fix

import (
	"strings"

	"go/ast"
	"go/token"
	"go/types"
	"golang.org/x/tools/go/analysis"
	"slices"
)

// assigned is the statement "a, b := call()" that the call is the right side of, with
// the list that it stands in and its place there.
func (s *Site) assigned() (assign *ast.AssignStmt, list []ast.Stmt, at int) {
	stmt, list, at := s.Statement()
	assign, ok := stmt.(*ast.AssignStmt)
	if !ok || len(assign.Rhs) != 1 || ast.Unparen(assign.Rhs[0]) != s.Call {
		return nil, nil, 0
	}
	return assign, list, at
}

// Answer is the variable that takes the call's first result, or nil.
func (s *Site) Answer() *types.Var {
	if assign, _, _ := s.assigned(); assign != nil {
		return s.Variable(assign.Lhs[0])
	}
	return nil
}

// Failure is the variable that takes the call's error, its last result, or nil.
func (s *Site) Failure() *types.Var {
	assign, _, _ := s.assigned()
	if check := s.initialised(); check != nil {
		assign = check.Init.(*ast.AssignStmt)
	}
	if assign == nil {
		return nil
	}
	return s.Variable(assign.Lhs[len(assign.Lhs)-1])
}

// initialised is the statement "if a, err := call(); …" around the call, or nil.
func (s *Site) initialised() *ast.IfStmt {
	if len(s.Path) < 3 {
		return nil
	}
	assign, ok := s.Path[1].(*ast.AssignStmt)
	check, isIf := s.Path[2].(*ast.IfStmt)
	if !ok || !isIf || check.Init != ast.Stmt(assign) || len(assign.Rhs) != 1 {
		return nil
	}
	return check
}

// Check is the statement "if err != nil { … }" that looks at the call's error: the next
// one, or the one that the call is made in; nil where there is none.
func (s *Site) Check() *ast.IfStmt {
	check := s.initialised()
	if check == nil {
		assign, list, at := s.assigned()
		if assign == nil || at+1 >= len(list) {
			return nil
		}
		next, ok := list[at+1].(*ast.IfStmt)
		if !ok || next.Init != nil {
			return nil
		}
		check = next
	}
	if v := s.failed(check.Cond); v == nil || v != s.Failure() {
		return nil
	}
	return check
}

// Checked reports whether the call's error is looked at in the next statement, and ends
// the way: "if err != nil { … return … }".
func (s *Site) Checked() bool {
	check := s.Check()
	return check != nil && check.Init == nil && check.Else == nil && s.ends(check.Body)
}

// Result is the type of the call's first result.
func (s *Site) Result() types.Type {
	switch t := s.Info.TypeOf(s.Call).(type) {
	case *types.Tuple:
		if t.Len() > 0 {
			return t.At(0).Type()
		}
	case types.Type:
		return t
	}
	return nil
}

// Keep gives the call's first result, which is dropped so far, a name, and adds a
// statement behind the look at its error, which must end the way.
func (s *Site) Keep(name, statement string) ([]analysis.TextEdit, bool) {
	check := s.Check()
	if check == nil || check.Else != nil || !s.ends(check.Body) {
		return nil, false
	}
	indent := s.Indent(check.Pos())
	behind := Insert(s.lineEnd(check.End()), "\n"+indent+statement)
	assign, _, _ := s.assigned()
	if init := s.initialised(); init != nil {
		assign = init.Init.(*ast.AssignStmt)
		text := s.Text(s.Call)
		if text == "" || len(assign.Lhs) != 2 || s.Variable(assign.Lhs[0]) != nil || strings.Contains(text, "\n") {
			return nil, false
		}
		v := s.Variable(assign.Lhs[1])
		if v == nil || !s.declarable(v.Name(), check) {
			return nil, false
		}
		head := name + ", " + v.Name() + " := " + text + "\n" + indent + "if "
		return []analysis.TextEdit{{Pos: check.If, End: check.Cond.Pos(), NewText: []byte(head)}, behind}, true
	}
	if assign == nil || len(assign.Lhs) != 2 || s.Variable(assign.Lhs[0]) != nil {
		return nil, false
	}
	edits := []analysis.TextEdit{Replace(assign.Lhs[0], name), behind}
	if assign.Tok == token.ASSIGN {
		// "_, err = call()": the name is new, the error's stays the same.
		v := s.Variable(assign.Lhs[1])
		if scope := s.Scope(); scope == nil || v == nil || v.Parent() != scope {
			return nil, false
		}
		edits = append(edits, analysis.TextEdit{Pos: assign.TokPos, End: assign.TokPos + 1, NewText: []byte(":=")})
	}
	return edits, true
}

// declarable tells whether the block of a statement may declare an error of this name
// before it: the block has one already, or nothing around it has, and none is declared
// alone behind it.
func (s *Site) declarable(name string, at *ast.IfStmt) bool {
	scope := s.Pkg.Scope().Innermost(at.Pos())
	if scope == nil {
		return false
	}
	_, outer := scope.LookupParent(name, at.Pos())
	if own := s.Info.Scopes[at]; own != nil && scope == own {
		scope = own.Parent()
	}
	if outer != nil && !isError(outer.Type()) {
		return false
	}
	for _, n := range s.Path {
		list := statements(n)
		if i := slices.Index(list, ast.Stmt(at)); i < 0 {
			continue
		} else if outer != nil && outer.Parent() != scope && s.mentioned(list[i+1:], outer) {
			return false // it would mean the new one
		}
		for _, st := range list {
			a, ok := st.(*ast.AssignStmt)
			if !ok || a.Tok != token.DEFINE || a.Pos() < at.Pos() {
				continue
			}
			others := 0
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); !ok || id.Name != name && id.Name != "_" && s.Info.Defs[id] != nil {
					others++
				}
			}
			if id, ok := a.Lhs[len(a.Lhs)-1].(*ast.Ident); ok && id.Name == name && others == 0 && s.Info.Defs[id] != nil {
				return false
			}
		}
	}
	return true
}

// mentioned tells whether statements use an object.
func (c *Code) mentioned(list []ast.Stmt, obj types.Object) bool {
	found := false
	for _, st := range list {
		ast.Inspect(st, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && c.Info.Uses[id] == obj {
				found = true
			}
			return !found
		})
	}
	return found
}

// Number counts the calls of the same function up to this one in its declaration, from 1.
func (s *Site) Number() int {
	n := 0
	if d := s.Declaration(); d != nil {
		for _, call := range s.calls(d, s.callee(s.Call)) {
			if call.Pos() <= s.Call.Pos() {
				n++
			}
		}
	}
	return n
}

// failed is the error variable of a condition "err != nil", or nil.
func (c *Code) failed(cond ast.Expr) *types.Var {
	b, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || b.Op != token.NEQ || !isNil(c.Info, b.Y) {
		return nil
	}
	if v := c.Variable(b.X); v != nil && isError(v.Type()) {
		return v
	}
	return nil
}

func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// ends reports whether nothing comes after a block: it returns, leaves its loop, panics.
func (c *Code) ends(b *ast.BlockStmt) bool {
	if len(b.List) == 0 {
		return false
	}
	switch last := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return last.Tok != token.FALLTHROUGH
	case *ast.ExprStmt:
		call, ok := last.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && c.Info.Uses[id] == types.Universe.Lookup("panic")
	}
	return false
}
