package stalereceipt

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"

	"github.com/idemlint/idemlint/internal/fix"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/passes/window"
)

// follows reports whether y comes after x succeeded, for the same message, on some way
// through the function in which their calls part.
func follows(w *window.Window, x, y *window.Effect) bool {
	to, from := way(x), way(y)
	i := 0
	for i < len(to)-1 && i < len(from)-1 && to[i] == from[i] {
		i++
	}
	// What the part of the way to x below that function does is done by the time that
	// its call returns without an error.
	for _, p := range to[min(i+1, len(to)):] {
		if s := w.Call(p); s == nil || !returns(s) {
			return false
		}
	}
	a, b := w.Call(to[i]), w.Call(from[i])
	if a == nil || b == nil {
		return false
	}
	f, body := a.Function()
	if g, _ := b.Function(); f != g || body == nil || inFailure(a, b) {
		return false
	}
	graph := cfg.New(body, func(call *ast.CallExpr) bool { return !isPanic(a, call) })
	if b.Deferred() {
		if _, literal := b.Call.Fun.(*ast.FuncLit); literal && !x.Dropped {
			return false // it takes the receipt when it runs
		}
		// It is made at the end, with the receipt of the moment at which it was deferred.
		return reach(graph, a, b, nil) || reach(graph, b, a, nil)
	}
	return reach(graph, a, b, used(b, i == len(from)-1, y))
}

// way is the calls that lead to an effect, itself last.
func way(x *window.Effect) []summary.Pos { return append(slices.Clone(x.Chain), x.Pos) }

// used are the variables that a call takes the receipt from, or all that it mentions where
// it only leads to the effect: where one of them gets its value, another message begins.
func used(s *fix.Site, own bool, y *window.Effect) []types.Object {
	var in ast.Node = s.Call
	if arg, _, ok := window.Argument(y.Model.Receipt); own && ok && arg < len(s.Call.Args) {
		in = s.Call.Args[arg]
	}
	var list []types.Object
	ast.Inspect(in, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := s.Info.Uses[id].(*types.Var); ok && !v.IsField() {
				list = append(list, v)
			}
		}
		return true
	})
	return list
}

// reach reports whether a way leads from one call to another that does not come past a
// declaration of one of the variables.
func reach(graph *cfg.CFG, a, b *fix.Site, vars []types.Object) bool {
	start, at := find(graph, a.Call)
	if start == nil {
		return false
	}
	seen := map[*cfg.Block]bool{}
	var from func(block *cfg.Block, nodes []ast.Node) bool
	from = func(block *cfg.Block, nodes []ast.Node) bool {
		for _, n := range nodes {
			if slices.ContainsFunc(vars, func(v types.Object) bool { return holds(n, v) }) {
				return false
			}
			if n.Pos() <= b.Call.Pos() && b.Call.End() <= n.End() {
				return true
			}
		}
		for _, next := range block.Succs {
			if !seen[next] {
				seen[next] = true
				if !begins(next, vars) && from(next, next.Nodes) {
					return true
				}
			}
		}
		return false
	}
	return from(start, start.Nodes[at+1:])
}

// begins reports whether a block is the body of a loop over what gives one of the
// variables its value.
func begins(block *cfg.Block, vars []types.Object) bool {
	r, ok := block.Stmt.(*ast.RangeStmt)
	return ok && block.Kind == cfg.KindRangeBody && slices.ContainsFunc(vars, func(v types.Object) bool {
		return r.For < v.Pos() && v.Pos() < r.X.Pos()
	})
}

func holds(n ast.Node, v types.Object) bool { return n.Pos() <= v.Pos() && v.Pos() < n.End() }

// find is the block that holds a node, and its place there.
func find(graph *cfg.CFG, node ast.Node) (*cfg.Block, int) {
	for _, block := range graph.Blocks {
		for i, n := range block.Nodes {
			if block.Live && n.Pos() <= node.Pos() && node.End() <= n.End() {
				return block, i
			}
		}
	}
	return nil, 0
}

// inFailure reports whether b stands where a has failed: in the arm of "if err != nil"
// behind it.
func inFailure(a, b *fix.Site) bool {
	check := a.Check()
	return check != nil && check.Body.Pos() <= b.Call.Pos() && b.Call.End() <= check.Body.End()
}

// returns reports whether a function may be left without an error after a call in it.
func returns(s *fix.Site) bool {
	fn, body := s.Function()
	if body == nil {
		return false
	}
	if s.Started() {
		return true // the caller does not wait for it
	}
	var sig *types.Signature
	switch f := fn.(type) {
	case *ast.FuncDecl:
		sig, _ = s.Info.Defs[f.Name].Type().(*types.Signature)
	case *ast.FuncLit:
		sig, _ = s.Info.TypeOf(f).(*types.Signature)
	}
	if sig == nil {
		return false
	}
	n := sig.Results().Len()
	if n == 0 || !types.Identical(sig.Results().At(n-1).Type(), types.Universe.Lookup("error").Type()) {
		return true
	}
	graph := cfg.New(body, func(call *ast.CallExpr) bool { return !isPanic(s, call) })
	start, at := find(graph, s.Call)
	if start == nil {
		return false
	}
	own := s.Failure()
	succeeds := func(n ast.Node) bool {
		r, ok := n.(*ast.ReturnStmt)
		if !ok || len(r.Results) == 0 {
			return false
		}
		last := r.Results[len(r.Results)-1]
		if tv := s.Info.Types[last]; tv.IsNil() {
			return true
		}
		if v := s.Variable(last); v != nil && v == own {
			return true
		}
		return last.Pos() <= s.Call.Pos() && s.Call.End() <= last.End()
	}
	seen := map[*cfg.Block]bool{}
	var from func(block *cfg.Block, nodes []ast.Node) bool
	from = func(block *cfg.Block, nodes []ast.Node) bool {
		if slices.ContainsFunc(nodes, succeeds) {
			return true
		}
		return slices.ContainsFunc(block.Succs, func(next *cfg.Block) bool {
			if seen[next] {
				return false
			}
			seen[next] = true
			return from(next, next.Nodes)
		})
	}
	return from(start, start.Nodes[at:])
}

func isPanic(s *fix.Site, call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.Ident)
	return ok && s.Info.Uses[id] == types.Universe.Lookup("panic")
}

// readsText reports whether the package reads a field of messages that is neither their
// identity nor differs with each delivery.
func readsText(w *window.Window) bool {
	code := w.Code()
	for _, f := range code.Files {
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || found {
				return !found
			}
			s := code.Info.Selections[sel]
			if s == nil || s.Kind() != types.FieldVal {
				return true
			}
			t := types.Unalias(s.Recv())
			if p, ok := t.(*types.Pointer); ok {
				t = types.Unalias(p.Elem())
			}
			named, ok := t.(*types.Named)
			if !ok || named.Obj().Pkg() == nil {
				return true
			}
			m := window.Index().Message(named.Obj().Pkg().Path() + "." + named.Obj().Name())
			found = m != nil && !slices.Contains(m.Identity, sel.Sel.Name) && !slices.Contains(m.Delivery, sel.Sel.Name)
			return !found
		})
		if found {
			return true
		}
	}
	return false
}
