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

// leavePos is where a way goes on to the next message: the continue statement
// behind the block's last instruction, or the last effect.
func (w *flow) leavePos(from *ssa.BasicBlock, s state) summary.Pos {
	if p := w.branch(from); p.IsValid() {
		return w.f.engine.Pos(p)
	}
	return s.last
}

// branch finds the continue or goto that ends a block, by the statement list that
// the block's last positioned instruction (or the condition that leads to an empty
// block) stands in.
func (w *flow) branch(b *ssa.BasicBlock) token.Pos {
	root := w.f.ssa.Syntax()
	if root == nil {
		return token.NoPos
	}
	var at token.Pos
	for _, in := range b.Instrs {
		if p := in.Pos(); p > at {
			at = p
		}
	}
	var found token.Pos
	best := token.Pos(-1)
	consider := func(list []ast.Stmt, start, end token.Pos) {
		if len(list) == 0 {
			return
		}
		br, ok := list[len(list)-1].(*ast.BranchStmt)
		if !ok || br.Tok != token.CONTINUE {
			return
		}
		if at.IsValid() && start <= at && at < end && (best < 0 || end-start < best) {
			best, found = end-start, br.Pos()
		}
	}
	var cond *ssa.If
	if !at.IsValid() && len(b.Preds) == 1 {
		cond, _ = b.Preds[0].Instrs[len(b.Preds[0].Instrs)-1].(*ssa.If)
		if cond != nil {
			at = cond.Cond.Pos()
		}
	}
	ast.Inspect(root, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.IfStmt:
			if cond != nil && x.Cond.Pos() <= at && at < x.Cond.End() {
				if l := x.Body.List; len(l) > 0 {
					if br, ok := l[len(l)-1].(*ast.BranchStmt); ok {
						found = br.Pos()
					}
				}
			}
		case *ast.BlockStmt:
			if cond == nil {
				consider(x.List, x.Pos(), x.End())
			}
		case *ast.CaseClause:
			if cond == nil {
				consider(x.Body, x.Pos(), x.End())
			}
		case *ast.CommClause:
			if cond == nil {
				consider(x.Body, x.Pos(), x.End())
			}
		case *ast.FuncLit:
			return n == root
		}
		return true
	})
	return found
}
