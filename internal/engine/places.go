package engine

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
)

// returnPos is where a way leaves through a return: the statement, or the last
// effect where the function's end is its return.
func (w *flow) returnPos(r *ssa.Return, s state) summary.Pos {
	if r.Pos().IsValid() && !w.isEnd(r.Pos()) {
		return w.f.engine.Pos(r.Pos())
	}
	return s.last
}

// isEnd reports whether the position is the closing brace of the function.
func (w *flow) isEnd(p token.Pos) bool {
	if n := w.f.ssa.Syntax(); n != nil {
		return p == n.End()-1
	}
	return false
}

// leavePos is where a way goes on to the next message: the continue statement that
// the edge stands for, or the last effect.
func (w *flow) leavePos(from, to *ssa.BasicBlock, s state) summary.Pos {
	if p := w.branch(from, to); p.IsValid() {
		return w.f.engine.Pos(p)
	}
	return s.last
}

// branch finds the continue statement of an edge. An edge straight out of a
// condition stands for the branch in that arm; a block that only jumps for what
// follows the condition that leads to it; any other for the end of the statement
// list that its last instruction stands in.
func (w *flow) branch(from, to *ssa.BasicBlock) token.Pos {
	root := w.f.ssa.Syntax()
	if root == nil {
		return token.NoPos
	}
	for range 4 {
		if cond, ok := from.Instrs[len(from.Instrs)-1].(*ssa.If); ok {
			return afterCondition(root, lastPos(from, cond), from.Succs[0] == to)
		}
		if at := lastPos(from, nil); at.IsValid() {
			return listEnd(root, at)
		}
		if len(from.Preds) != 1 {
			return token.NoPos
		}
		from, to = from.Preds[0], from
	}
	return token.NoPos
}

// lastPos is the position of a condition, or of a block's last instruction that has one.
func lastPos(b *ssa.BasicBlock, cond *ssa.If) token.Pos {
	if cond != nil && cond.Cond.Pos().IsValid() {
		return cond.Cond.Pos()
	}
	var at token.Pos
	for _, in := range b.Instrs {
		if p := in.Pos(); p.IsValid() {
			at = p
		}
	}
	return at
}

// afterCondition finds the branch statement that an arm of the if statement (or of
// the switch case) at the position ends with, or that follows the statement.
func afterCondition(root ast.Node, at token.Pos, taken bool) token.Pos {
	var found token.Pos
	ast.Inspect(root, func(n ast.Node) bool {
		for i, s := range statements(n) {
			x, ok := s.(*ast.IfStmt)
			if !ok || at < x.Cond.Pos() || at >= x.Cond.End() && at >= x.Body.Pos() {
				continue
			}
			switch {
			case taken:
				found = continueOf(x.Body.List)
			case x.Else != nil:
				if b, ok := x.Else.(*ast.BlockStmt); ok {
					found = continueOf(b.List)
				}
			case i+1 < len(statements(n)):
				if b, ok := statements(n)[i+1].(*ast.BranchStmt); ok {
					found = b.Pos()
				}
			}
		}
		return true
	})
	return found
}

// listEnd is the continue statement that ends the innermost statement list around
// the position.
func listEnd(root ast.Node, at token.Pos) token.Pos {
	var found token.Pos
	ast.Inspect(root, func(n ast.Node) bool {
		if list := statements(n); len(list) > 0 && n.Pos() <= at && at < n.End() {
			found = continueOf(list)
		}
		return true
	})
	return found
}

func statements(n ast.Node) []ast.Stmt {
	switch x := n.(type) {
	case *ast.BlockStmt:
		return x.List
	case *ast.CaseClause:
		return x.Body
	case *ast.CommClause:
		return x.Body
	}
	return nil
}

func continueOf(list []ast.Stmt) token.Pos {
	if len(list) > 0 {
		if b, ok := list[len(list)-1].(*ast.BranchStmt); ok && b.Tok == token.CONTINUE {
			return b.Pos()
		}
	}
	return token.NoPos
}
