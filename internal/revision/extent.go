package revision

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"

	"golang.org/x/tools/go/ast/astutil"
)

// Extents tells how many lines what stands at a position takes, so that a change to the
// third line of a call is a change to the call.
type Extents struct{ files map[string]*parsed }

type parsed struct {
	fset *token.FileSet
	file *ast.File
}

// Of is the range of lines of the simplest statement or declaration at a position; of
// a compound statement only its head. It is the line alone where the file is not Go or
// does not parse.
func (e *Extents) Of(at token.Position) (from, to int) {
	p := e.parse(at.Filename)
	if p == nil {
		return at.Line, at.Line
	}
	tokens := p.fset.File(p.file.FileStart)
	if at.Line < 1 || at.Line > tokens.LineCount() {
		return at.Line, at.Line
	}
	pos := tokens.LineStart(at.Line) + token.Pos(max(at.Column-1, 0))
	if pos >= p.file.FileEnd || tokens.PositionFor(pos, false).Line != at.Line {
		return at.Line, at.Line // another file than the one that was analysed
	}
	path, _ := astutil.PathEnclosingInterval(p.file, pos, pos+1)
	for _, n := range path {
		start, end := n.Pos(), n.End()
		switch n := n.(type) {
		case *ast.IfStmt:
			end = n.Body.Lbrace
		case *ast.ForStmt:
			end = n.Body.Lbrace
		case *ast.RangeStmt:
			end = n.Body.Lbrace
		case *ast.SwitchStmt:
			end = n.Body.Lbrace
		case *ast.TypeSwitchStmt:
			end = n.Body.Lbrace
		case *ast.SelectStmt:
			end = n.Body.Lbrace
		case *ast.CaseClause:
			end = n.Colon
		case *ast.CommClause:
			end = n.Colon
		case *ast.FuncDecl:
			end = n.Type.End()
		case *ast.BlockStmt:
			return at.Line, at.Line // its end, where a way leaves
		case ast.Stmt, ast.Spec:
			// A literal of a function within is a part of it; its body is not the call.
			if body := literal(n, pos); body != nil {
				end = body.Lbrace
			}
		default:
			continue
		}
		first, last := tokens.PositionFor(start, false).Line, tokens.PositionFor(end, false).Line
		return min(first, at.Line), max(last, at.Line)
	}
	return at.Line, at.Line
}

// literal is the body of the first function literal in a statement after a position.
func literal(n ast.Node, after token.Pos) (body *ast.BlockStmt) {
	ast.Inspect(n, func(n ast.Node) bool {
		if f, ok := n.(*ast.FuncLit); ok && body == nil && f.Body.Lbrace > after {
			body = f.Body
		}
		return body == nil
	})
	return body
}

func (e *Extents) parse(name string) *parsed {
	if filepath.Ext(name) != ".go" {
		return nil
	}
	if p, ok := e.files[name]; ok {
		return p
	}
	if e.files == nil {
		e.files = map[string]*parsed{}
	}
	e.files[name] = nil
	src, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	e.files[name] = &parsed{fset, file}
	return e.files[name]
}
