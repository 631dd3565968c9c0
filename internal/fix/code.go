// Package fix makes changes of source code that mend findings, and applies them.
//
// A change is made of syntax and types alone, so that vet, gopls and golangci-lint
// show the same one. It is offered only where it is mechanical: where its condition
// does not hold, there is none.
package fix

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/format"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/astutil"
)

// Code is the syntax of a package.
type Code struct {
	Fset  *token.FileSet
	Files []*ast.File
	Pkg   *types.Package
	Info  *types.Info

	read func(string) ([]byte, error)
}

// Of is the code of a pass.
func Of(pass *analysis.Pass) *Code {
	return &Code{Fset: pass.Fset, Files: pass.Files, Pkg: pass.Pkg, Info: pass.TypesInfo, read: pass.ReadFile}
}

// Site is a call and what stands around it.
type Site struct {
	*Code
	File *ast.File
	Call *ast.CallExpr
	// Path leads from the call outwards to the file; Path[0] is the call.
	Path []ast.Node
}

// At finds the call whose parenthesis opens at a position, which is where the engine
// places calls; a deferred or started call is placed at its statement. It is nil where
// there is none, and where the file is not the one that its author wrote: the output of
// cgo, or of a generator.
func (c *Code) At(pos token.Pos) *Site {
	file := c.file(pos)
	if file == nil {
		return nil
	}
	path, _ := astutil.PathEnclosingInterval(file, pos, pos)
	for i, n := range path {
		switch n := n.(type) {
		case *ast.CallExpr:
			if n.Lparen == pos {
				return &Site{c, file, n, path[i:]}
			}
		case *ast.DeferStmt:
			if n.Defer == pos {
				return &Site{c, file, n.Call, append([]ast.Node{n.Call}, path[i:]...)}
			}
		case *ast.GoStmt:
			if n.Go == pos {
				return &Site{c, file, n.Call, append([]ast.Node{n.Call}, path[i:]...)}
			}
		}
	}
	return nil
}

// file is the author's file that holds a position.
func (c *Code) file(pos token.Pos) *ast.File {
	if !pos.IsValid() {
		return nil
	}
	if c.Fset.PositionFor(pos, false) != c.Fset.PositionFor(pos, true) {
		return nil
	}
	for _, f := range c.Files {
		if f.FileStart <= pos && pos <= f.FileEnd && !ast.IsGenerated(f) {
			return f
		}
	}
	return nil
}

// Function is the declared function or function literal around the call, with its
// body; nil at package level.
func (s *Site) Function() (node ast.Node, body *ast.BlockStmt) {
	for _, n := range s.Path {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return n, n.Body
		case *ast.FuncLit:
			return n, n.Body
		}
	}
	return nil, nil
}

// Deferred tells whether the call is made by a defer statement, and Started whether it is
// made by a go statement: itself, not something in a literal.
func (s *Site) Deferred() bool {
	d, ok := s.Path[1].(*ast.DeferStmt)
	return ok && d.Call == s.Call
}

// Started: see Deferred.
func (s *Site) Started() bool {
	g, ok := s.Path[1].(*ast.GoStmt)
	return ok && g.Call == s.Call
}

// Declaration is the declared function around the call, or nil.
func (s *Site) Declaration() *ast.FuncDecl {
	for _, n := range s.Path {
		if d, ok := n.(*ast.FuncDecl); ok {
			return d
		}
	}
	return nil
}

// Statement is the innermost statement that holds the call and stands in a block, the
// list that it stands in, and its place there.
func (s *Site) Statement() (stmt ast.Stmt, list []ast.Stmt, at int) {
	for i, n := range s.Path[:len(s.Path)-1] {
		st, ok := n.(ast.Stmt)
		if !ok {
			continue
		}
		for k, x := range statements(s.Path[i+1]) {
			if x == st {
				return st, statements(s.Path[i+1]), k
			}
		}
	}
	return nil, nil, 0
}

// statements are those that stand one after another in a node.
func statements(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// Loops are the loops around the call within its function, innermost first.
func (s *Site) Loops() []ast.Node {
	var list []ast.Node
	for _, n := range s.Path {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			list = append(list, n)
		case *ast.FuncDecl, *ast.FuncLit:
			return list
		}
	}
	return list
}

// Scope is the innermost scope at the call.
func (s *Site) Scope() *types.Scope {
	return s.Pkg.Scope().Innermost(s.Call.Pos())
}

// Sees tells whether a name means this object at the call.
func (s *Site) Sees(obj types.Object) bool {
	scope := s.Scope()
	if scope == nil || obj == nil {
		return false
	}
	_, found := scope.LookupParent(obj.Name(), s.Call.Pos())
	return found == obj
}

// Free tells whether a name means nothing at the call, nor in any scope inside its
// function, so that it may be given to something new.
func (s *Site) Free(name string) bool {
	if scope := s.Scope(); scope == nil {
		return false
	} else if _, obj := scope.LookupParent(name, token.NoPos); obj != nil {
		return false
	}
	d := s.Declaration()
	if d == nil {
		return false
	}
	free := true
	ast.Inspect(d, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			free = false
		}
		return free
	})
	return free
}

// Assignments lists where a variable is given a value or its address is taken, within
// a node; its declaration counts.
func (c *Code) Assignments(in ast.Node, obj types.Object) []ast.Node {
	var list []ast.Node
	is := func(e ast.Expr) bool {
		id, ok := ast.Unparen(e).(*ast.Ident)
		return ok && (c.Info.Defs[id] == obj || c.Info.Uses[id] == obj)
	}
	ast.Inspect(in, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if is(l) {
					list = append(list, n)
				}
			}
		case *ast.IncDecStmt:
			if is(n.X) {
				list = append(list, n)
			}
		case *ast.RangeStmt:
			if n.Key != nil && is(n.Key) || n.Value != nil && is(n.Value) {
				list = append(list, n)
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				if c.Info.Defs[id] == obj {
					list = append(list, n)
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND && is(n.X) {
				list = append(list, n)
			}
		}
		return true
	})
	return list
}

// Variable is the variable that an expression names, or nil.
func (c *Code) Variable(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || id.Name == "_" {
		return nil
	}
	if v, ok := c.Info.Defs[id].(*types.Var); ok {
		return v
	}
	v, _ := c.Info.Uses[id].(*types.Var)
	return v
}

// Text is a node as gofmt writes it.
func (c *Code) Text(n ast.Node) string {
	var b bytes.Buffer
	if err := format.Node(&b, c.Fset, n); err != nil {
		return ""
	}
	return b.String()
}

// Indent is the white space that the line of a position begins with.
func (c *Code) Indent(pos token.Pos) string {
	f := c.Fset.File(pos)
	if f == nil || c.read == nil {
		return ""
	}
	src, err := c.read(f.Name())
	start := f.Offset(f.LineStart(f.Line(pos)))
	if err != nil || start > len(src) {
		return ""
	}
	line := src[start:]
	return string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
}

// Insert is the change that puts a text at a position.
func Insert(pos token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: pos, End: pos, NewText: []byte(text)}
}

// Replace is the change that puts a text in a node's place.
func Replace(n ast.Node, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: n.Pos(), End: n.End(), NewText: []byte(text)}
}

// Suggest is a fix: its edits in the order of the file, equal ones once.
func Suggest(message string, edits []analysis.TextEdit) analysis.SuggestedFix {
	slices.SortStableFunc(edits, func(a, b analysis.TextEdit) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.End, b.End), bytes.Compare(a.NewText, b.NewText))
	})
	edits = slices.CompactFunc(edits, func(a, b analysis.TextEdit) bool {
		return a.Pos == b.Pos && a.End == b.End && bytes.Equal(a.NewText, b.NewText)
	})
	return analysis.SuggestedFix{Message: message, TextEdits: edits}
}
