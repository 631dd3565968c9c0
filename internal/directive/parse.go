package directive

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/finding"
)

// prefix opens a directive; the go command's own form, without a space.
const prefix = "//idemlint:"

// spaced is a directive that gofmt or its author separated from the slashes.
var spaced = regexp.MustCompile(`^//\s+idemlint:(` + strings.Join(words, "|") + `)\b`)

// fileReader reads one file.
type fileReader struct {
	set  *Set
	file *ast.File
	docs map[*ast.CommentGroup]ast.Node
	code map[int]token.Pos // per line the first position of code, filled on demand
}

func (p *fileReader) parse() {
	for _, g := range p.file.Comments {
		for _, c := range g.List {
			switch {
			case strings.HasPrefix(c.Text, prefix):
				p.own(g, c)
			case strings.HasPrefix(c.Text, "//nolint"):
				p.nolint(g, c)
			case spaced.MatchString(c.Text):
				p.problem(c, "a space before \"idemlint:\" makes this an ordinary comment: write \""+prefix+spaced.FindStringSubmatch(c.Text)[1]+"\"")
			}
		}
	}
}

func (p *fileReader) problem(c *ast.Comment, msg string) {
	p.set.Problems = append(p.set.Problems, finding.Related{Pos: c.Pos(), Message: msg})
}

// own parses "//idemlint:word arguments".
func (p *fileReader) own(g *ast.CommentGroup, c *ast.Comment) {
	text := strings.TrimPrefix(c.Text, prefix)
	text, _, _ = strings.Cut(text, " //") // a comment within the comment
	word, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	rest = strings.TrimSpace(rest)
	d := Directive{Pos: c.Pos(), Word: word, Node: p.docs[g]}
	switch {
	case word == Ignore:
		list, reason, _ := strings.Cut(rest, " ")
		if list == "" {
			p.problem(c, prefix+"ignore names no check: write \""+prefix+"ignore check reason\", with a check out of "+strings.Join(Checks, ", ")+", or all")
			return
		}
		checks, bad := p.checks(strings.Split(list, ","))
		if bad != "" {
			p.problem(c, prefix+"ignore names "+quote(bad)+", which is no check: the checks are "+strings.Join(Checks, ", ")+", or all")
			return
		}
		d.Checks, d.Reason = checks, strings.TrimSpace(reason)
		if d.Reason == "" {
			p.problem(c, prefix+"ignore "+list+" gives no reason: say after the check why the finding does no harm here")
			return
		}
	case word == Idempotent || word == AtMostOnce:
		d.Reason = rest
		if d.Reason == "" {
			p.problem(c, prefix+word+" gives no reason: say after it why "+because(word))
			return
		}
		if _, ok := d.Node.(*ast.FuncDecl); !ok {
			p.problem(c, prefix+word+" stands before no function: move it into the comment right above a func declaration")
			return
		}
	case modelWords[word] != nil:
		d.Args = rest
		switch d.Node.(type) {
		case *ast.FuncDecl, *ast.Field, *ast.TypeSpec:
		default:
			p.problem(c, prefix+word+" stands before no function, interface method or type: move it into the comment right above one")
			return
		}
		args, bad := parseArguments(word, c.Text, c.Pos())
		if bad != nil {
			p.set.Problems = append(p.set.Problems, *bad)
			return
		}
		d.args = args
	default:
		p.problem(c, prefix+word+" is no directive: the words are "+strings.Join(words, ", "))
		return
	}
	p.add(g, c, d)
}

func because(word string) string {
	if word == Idempotent {
		return "repeating the function does no harm"
	}
	return "losing a message is acceptable"
}

// nolint parses golangci-lint's "//nolint:name,name // reason". It concerns us
// where it names idemlint, one of the checks, or nothing at all.
func (p *fileReader) nolint(g *ast.CommentGroup, c *ast.Comment) {
	text, reason, _ := strings.Cut(strings.TrimPrefix(c.Text, "//nolint"), " //")
	text, reason = strings.TrimSpace(text), strings.TrimSpace(reason)
	d := Directive{Pos: c.Pos(), Word: Ignore, Reason: reason, Node: p.docs[g]}
	named := false // by a name of ours
	if list, ok := strings.CutPrefix(text, ":"); ok {
		list, _, _ = strings.Cut(list, " ")
		all := false
		for _, name := range strings.Split(list, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			switch {
			case name == "idemlint":
				named, all = true, true
			case name == "all":
				all = true
			case slices.Contains(Checks, name):
				named = true
				d.Checks = append(d.Checks, name)
			}
		}
		if all {
			d.Checks = nil
		} else if len(d.Checks) == 0 {
			return // other linters'
		}
	} else if text != "" {
		return // "//nolintxyz"
	}
	if reason == "" {
		if named {
			p.problem(c, "//nolint"+text+" gives no reason: add \" // why the finding does no harm here\"")
		}
		return
	}
	p.add(g, c, d)
}

// checks resolves names; nil stands for all of them.
func (p *fileReader) checks(names []string) (list []string, bad string) {
	for _, name := range names {
		switch {
		case name == "all":
			return nil, ""
		case !slices.Contains(Checks, name):
			return nil, name
		}
		list = append(list, name)
	}
	return list, ""
}

func quote(s string) string { return `"` + s + `"` }

// add records the directive and where it holds.
func (p *fileReader) add(g *ast.CommentGroup, c *ast.Comment, d Directive) {
	p.set.Directives = append(p.set.Directives, d)
	if d.Node != nil {
		p.set.byNode[d.Node] = append(p.set.byNode[d.Node], d)
	}
	if d.Word != Ignore && d.Word != Idempotent && d.Word != AtMostOnce {
		return
	}
	file := p.set.fset.File(c.Pos())
	sc := scope{file: file, directive: d}
	switch n := d.Node.(type) {
	case nil:
		sc.line = file.Line(c.Pos())
		if first, ok := p.firstCode()[sc.line]; !ok || first > c.Pos() {
			sc.line = file.Line(g.End()) + 1
		}
	case *ast.File:
		sc.start, sc.end = n.FileStart, n.FileEnd
	default:
		sc.start, sc.end = file.LineStart(file.Line(n.Pos())), n.End()
	}
	p.set.scopes = append(p.set.scopes, sc)
}

// firstCode maps each line to the first position of code on it.
func (p *fileReader) firstCode() map[int]token.Pos {
	if p.code != nil {
		return p.code
	}
	p.code = map[int]token.Pos{}
	file := p.set.fset.File(p.file.FileStart)
	mark := func(pos token.Pos) {
		if !pos.IsValid() || int(pos) < file.Base() || int(pos) > file.Base()+file.Size() {
			return
		}
		if first, ok := p.code[file.Line(pos)]; !ok || pos < first {
			p.code[file.Line(pos)] = pos
		}
	}
	ast.Inspect(p.file, func(n ast.Node) bool {
		switch n.(type) {
		case nil, *ast.File:
			return true
		case *ast.Comment, *ast.CommentGroup:
			return false
		}
		mark(n.Pos())
		mark(n.End() - 1)
		return true
	})
	mark(p.file.Package)
	return p.code
}
