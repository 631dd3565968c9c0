package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
)

// OnlyCall finds the one call of a function in the declaration around s; nil where there
// are several, or where the declaration mentions another one of the package that calls
// the function too, as the value may come from there.
func (s *Site) OnlyCall(fullName string) *Site {
	d := s.Declaration()
	if d == nil {
		return nil
	}
	calls := s.calls(d, fullName)
	if len(calls) != 1 {
		return nil
	}
	others := map[types.Object]bool{}
	for _, f := range s.Files {
		for _, decl := range f.Decls {
			switch x := decl.(type) {
			case *ast.FuncDecl:
				if x != d && len(s.calls(x, fullName)) > 0 {
					others[s.Info.Defs[x.Name]] = true
				}
			case *ast.GenDecl:
				if len(s.calls(x, fullName)) > 0 {
					return nil // a variable that holds such a value, or a function that makes it
				}
			}
		}
	}
	alone := true
	ast.Inspect(d, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && others[s.Info.Uses[id]] {
			alone = false
		}
		return alone
	})
	if !alone {
		return nil
	}
	return s.Code.At(calls[0].Lparen)
}

func (c *Code) calls(in ast.Node, fullName string) []*ast.CallExpr {
	var list []*ast.CallExpr
	ast.Inspect(in, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && c.callee(call) == fullName {
			list = append(list, call)
		}
		return true
	})
	return list
}

// AsText is the expression that makes a string of the call's result: the call itself, or
// its result's String method; nil where it is used as something else.
func (s *Site) AsText() ast.Expr {
	if t, ok := s.Info.TypeOf(s.Call).(*types.Basic); ok && t.Kind() == types.String {
		return s.Call
	}
	if len(s.Path) < 3 {
		return nil
	}
	sel, ok := s.Path[1].(*ast.SelectorExpr)
	call, isCall := s.Path[2].(*ast.CallExpr)
	if !ok || !isCall || sel.X != s.Call || call.Fun != sel || sel.Sel.Name != "String" || len(call.Args) > 0 {
		return nil
	}
	return call
}

// Visible lists the variables of the function that are in sight at the call, sorted by
// where they are declared.
func (s *Site) Visible() []*types.Var {
	var list []*types.Var
	for scope := s.Scope(); scope != nil && scope != s.Pkg.Scope(); scope = scope.Parent() {
		for _, name := range scope.Names() {
			if v, ok := scope.Lookup(name).(*types.Var); ok && s.Sees(v) {
				list = append(list, v)
			}
		}
	}
	slices.SortFunc(list, func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
	return list
}

// Mentions reports whether a name in the call's statement holds one of the words.
func (s *Site) Mentions(words ...string) bool {
	var stmt ast.Node = s.Call
	for _, n := range s.Path {
		if st, ok := n.(ast.Stmt); ok {
			stmt = st
			break
		}
	}
	found := false
	ast.Inspect(stmt, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			found = found || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(id.Name), w) })
		}
		return !found
	})
	return found
}

// Unimport takes the import out that the call's function comes from, where nothing else
// in the file uses it. The call itself must go, too.
func (s *Site) Unimport() []analysis.TextEdit {
	sel, ok := ast.Unparen(s.Call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return nil
	}
	name, ok := s.Info.Uses[id].(*types.PkgName)
	if !ok {
		return nil
	}
	uses := 0
	ast.Inspect(s.File, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && s.Info.Uses[id] == name {
			uses++
		}
		return true
	})
	if uses != 1 {
		return nil
	}
	for _, spec := range s.File.Imports {
		if s.Info.PkgNameOf(spec) != name {
			continue
		}
		path, _ := astutil.PathEnclosingInterval(s.File, spec.Pos(), spec.End())
		for _, n := range path {
			g, ok := n.(*ast.GenDecl)
			if !ok || g.Tok != token.IMPORT {
				continue
			}
			var gone ast.Node = spec
			if len(g.Specs) == 1 {
				gone = g
			}
			if edit, ok := s.lines(gone); ok {
				return []analysis.TextEdit{edit}
			}
		}
	}
	return nil
}
