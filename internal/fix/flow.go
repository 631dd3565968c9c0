package fix

import (
	"go/ast"
	"go/token"
	"go/types"
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

// Checked reports whether the call's error is looked at in the next statement, and ends
// the way: "if err != nil { … return … }".
func (s *Site) Checked() bool {
	assign, list, at := s.assigned()
	if assign == nil || at+1 >= len(list) {
		return false
	}
	check, ok := list[at+1].(*ast.IfStmt)
	return ok && check.Init == nil && check.Else == nil &&
		s.failed(check.Cond) != nil && s.failed(check.Cond) == s.Variable(assign.Lhs[len(assign.Lhs)-1]) && s.ends(check.Body)
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
