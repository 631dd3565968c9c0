package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// ToSuccess moves a deferred call to the end of its function, where only success
// arrives. It is done where that is plain to see: the defer stands in the function's
// own block, and every other return below it gives back an error, or stands in
// "if err != nil" where the function returns nothing; and no failure that is looked at
// below it goes on to the end.
func (s *Site) ToSuccess() ([]analysis.TextEdit, bool) {
	d, fn, body, typ := s.deferred()
	if d == nil {
		return nil, false
	}
	results := 0
	if typ.Results != nil {
		results = typ.Results.NumFields()
	}
	if results > 1 || results == 1 && !isError(s.Info.TypeOf(typ.Results.List[0].Type)) || results == 1 && len(typ.Results.List[0].Names) > 0 {
		return nil, false
	}
	settle, ok := s.undeferred(d, fn, results == 1)
	if !ok || !s.othersFail(body, d.End(), results == 1) {
		return nil, false
	}
	cut, ok := s.lines(d)
	if !ok {
		return nil, false
	}
	last := body.List[len(body.List)-1]
	indent := s.Indent(last.Pos())
	text := strings.ReplaceAll(settle, "\n", "\n"+indent)
	if results == 0 {
		if r, ok := last.(*ast.ReturnStmt); ok {
			return []analysis.TextEdit{cut, Insert(r.Pos(), text+"\n"+indent)}, true
		}
		if last == ast.Stmt(d) {
			return nil, false
		}
		return []analysis.TextEdit{cut, Insert(s.lineEnd(last.End()), "\n"+indent+text)}, true
	}
	r, ok := last.(*ast.ReturnStmt)
	if !ok || len(r.Results) != 1 {
		return nil, false
	}
	if isNil(s.Info, r.Results[0]) {
		return []analysis.TextEdit{cut, Insert(r.Pos(), text+"\n"+indent)}, true
	}
	check := "if err := " + s.Text(r.Results[0]) + "; err != nil {\n" + indent + "\treturn err\n" + indent + "}\n" + indent
	if v := s.Variable(r.Results[0]); v != nil {
		check = "if " + v.Name() + " != nil {\n" + indent + "\treturn " + v.Name() + "\n" + indent + "}\n" + indent
	}
	return []analysis.TextEdit{cut, Replace(r, check+text+"\n"+indent+"return nil")}, true
}

// deferred is the defer statement that makes the call, itself or in a literal of one
// statement, with the function that it stands in. It stands in the function's own block.
func (s *Site) deferred() (d *ast.DeferStmt, fn ast.Node, body *ast.BlockStmt, typ *ast.FuncType) {
	for i, n := range s.Path {
		if x, ok := n.(*ast.DeferStmt); ok && d == nil {
			d = x
			continue
		}
		if d == nil {
			continue
		}
		if block, ok := n.(*ast.BlockStmt); ok && body == nil {
			body = block
			continue
		}
		switch f := n.(type) {
		case *ast.FuncDecl:
			fn, typ = f, f.Type
		case *ast.FuncLit:
			fn, typ = f, f.Type
		default:
			return nil, nil, nil, nil // in a block of its own
		}
		if body == nil || s.Path[i-1] != ast.Node(body) {
			return nil, nil, nil, nil
		}
		return d, fn, body, typ
	}
	return nil, nil, nil, nil
}

// undeferred is the statement that the defer would have made, as one that is made in
// place; returns tells whether the function can give back the call's error.
func (s *Site) undeferred(d *ast.DeferStmt, fn ast.Node, returns bool) (string, bool) {
	if d.Call == s.Call {
		// The arguments of a deferred call are evaluated where it is deferred.
		same := true
		ast.Inspect(d.Call, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if v, ok := s.Info.Uses[id].(*types.Var); ok && !v.IsField() {
					for _, a := range s.Assignments(fn, v) {
						same = same && a.Pos() < d.Pos()
					}
				}
			}
			_, literal := n.(*ast.FuncLit)
			return !literal
		})
		return s.checkedCall(returns), same
	}
	lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit)
	if !ok || len(d.Call.Args) > 0 || len(lit.Body.List) != 1 {
		return "", false
	}
	st := lit.Body.List[0]
	_, whole := st.(*ast.IfStmt)
	lead, above, ok := s.above(lit.Body, st)
	if !ok || s.comments(lit) != above && !(whole && s.comments(lit) == above+s.comments(st)) {
		return "", false
	}
	switch st := st.(type) {
	case *ast.ExprStmt:
		return lead + s.checkedCall(returns), ast.Unparen(st.X) == s.Call
	case *ast.AssignStmt:
		for _, l := range st.Lhs {
			if id, ok := l.(*ast.Ident); !ok || id.Name != "_" {
				return "", false
			}
		}
		return lead + s.checkedCall(returns), len(st.Rhs) == 1 && ast.Unparen(st.Rhs[0]) == s.Call
	case *ast.IfStmt:
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ReturnStmt, *ast.FuncLit:
				whole = false
			case *ast.CallExpr:
				id, ok := n.Fun.(*ast.Ident)
				whole = whole && !(ok && id.Name == "recover")
			}
			return whole
		})
		// Only the look at the call's own error: what else is asked may hang on the moment.
		init, ok := st.Init.(*ast.AssignStmt)
		whole = whole && ok && len(init.Rhs) == 1 && ast.Unparen(init.Rhs[0]) == s.Call && s.failed(st.Cond) != nil
		text, ok := s.source(st, st.Pos(), st.End())
		return lead + text, whole && ok
	}
	return "", false
}

// checkedCall is the call as a statement; where the function returns an error, it
// returns the call's.
func (s *Site) checkedCall(returns bool) string {
	text := s.Text(s.Call)
	n := 1
	if t, ok := s.Info.TypeOf(s.Call).(*types.Tuple); ok {
		n = t.Len()
		if n == 0 || !isError(t.At(n-1).Type()) {
			return text
		}
	} else if !isError(s.Info.TypeOf(s.Call)) {
		return text
	}
	if !returns {
		return text
	}
	return "if " + strings.Repeat("_, ", n-1) + "err := " + text + "; err != nil {\n\treturn err\n}"
}

// comments counts the comments that stand inside a node.
func (s *Site) comments(n ast.Node) int {
	count := 0
	for _, g := range s.File.Comments {
		if n.Pos() < g.Pos() && g.End() < n.End() {
			count++
		}
	}
	return count
}

// above are the comments between a block's brace and its first statement, as they stand
// in the file, and their number.
func (s *Site) above(block *ast.BlockStmt, first ast.Stmt) (text string, count int, ok bool) {
	from := first.Pos()
	for _, g := range s.File.Comments {
		if block.Lbrace < g.Pos() && g.End() <= first.Pos() {
			from = min(from, g.Pos())
			count++
		}
	}
	text, ok = s.source(first, from, first.Pos())
	return text, count, ok
}

// source is what stands in the file between two positions, comments and all, without the
// indentation of the node's first line.
func (s *Site) source(n ast.Node, from, to token.Pos) (string, bool) {
	f := s.Fset.File(n.Pos())
	if s.read == nil {
		return "", false
	}
	src, err := s.read(f.Name())
	if err != nil || len(src) != f.Size() {
		return "", false
	}
	movable := true
	ast.Inspect(n, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		movable = movable && !(ok && strings.Contains(lit.Value, "\n")) // its lines would be indented
		return movable
	})
	text := strings.ReplaceAll(string(src[f.Offset(from):f.Offset(to)]), "\r\n", "\n")
	return strings.ReplaceAll(text, "\n"+s.Indent(n.Pos()), "\n"), movable
}

// othersFail reports whether every return behind a position, but the body's last
// statement, is plainly one of failure.
func (s *Site) othersFail(body *ast.BlockStmt, after token.Pos, returns bool) bool {
	last := body.List[len(body.List)-1]
	ok := true
	var stack []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		switch n := n.(type) {
		case *ast.FuncLit:
			stack = stack[:len(stack)-1]
			return false
		case *ast.BranchStmt:
			ok = ok && n.Tok != token.GOTO
		case *ast.IfStmt:
			if n.Pos() > after && s.failed(n.Cond) != nil {
				ok = ok && s.ends(n.Body)
			}
		case *ast.ReturnStmt:
			if n != last && n.Pos() > after {
				ok = ok && s.fails(n, stack, returns)
			}
		}
		return true
	})
	return ok
}

// fails reports whether a return gives back an error that is not nil, or stands in
// "if err != nil" where nothing is given back.
func (s *Site) fails(r *ast.ReturnStmt, stack []ast.Node, returns bool) bool {
	var under *types.Var
	if len(stack) >= 3 {
		if check, ok := stack[len(stack)-3].(*ast.IfStmt); ok && stack[len(stack)-2] == ast.Node(check.Body) {
			under = s.failed(check.Cond)
		}
	}
	if !returns {
		return under != nil
	}
	if len(r.Results) != 1 {
		return false
	}
	if v := s.Variable(r.Results[0]); v != nil {
		return v == under
	}
	call, ok := ast.Unparen(r.Results[0]).(*ast.CallExpr)
	if !ok {
		return false
	}
	switch s.callee(call) {
	case "fmt.Errorf", "errors.New":
		return true
	}
	return false
}

// callee is the full name of the function that a call calls, or "".
func (c *Code) callee(call *ast.CallExpr) string {
	var id *ast.Ident
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		id = f
	case *ast.SelectorExpr:
		id = f.Sel
	default:
		return ""
	}
	if fn, ok := c.Info.Uses[id].(*types.Func); ok {
		return fn.Origin().FullName()
	}
	return ""
}

// lines takes out the lines of a statement, and the empty line behind them.
func (s *Site) lines(n ast.Node) (analysis.TextEdit, bool) {
	f := s.Fset.File(n.Pos())
	if s.read == nil {
		return analysis.TextEdit{}, false
	}
	src, err := s.read(f.Name())
	if err != nil || len(src) != f.Size() {
		return analysis.TextEdit{}, false
	}
	start, end := f.Offset(f.LineStart(s.line(n.Pos()))), f.Offset(n.End())
	if strings.TrimSpace(string(src[start:f.Offset(n.Pos())])) != "" {
		return analysis.TextEdit{}, false
	}
	rest := string(src[end:])
	line, rest, _ := strings.Cut(rest, "\n")
	end += len(line) + 1
	if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "//") {
		return analysis.TextEdit{}, false
	}
	if next, _, ok := strings.Cut(rest, "\n"); ok && strings.TrimSpace(next) == "" {
		end += len(next) + 1
	}
	return analysis.TextEdit{Pos: f.Pos(start), End: f.Pos(min(end, f.Size()))}, true
}

// lineEnd is the end of the line of a position, so that a comment stays behind it.
func (s *Site) lineEnd(pos token.Pos) token.Pos {
	f := s.Fset.File(pos)
	line := f.Line(pos)
	if line == f.LineCount() {
		return pos
	}
	return f.LineStart(line+1) - 1
}
