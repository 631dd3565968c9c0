// Package directive reads the comments that speak to idemlint:
//
//	//idemlint:ignore check[,check] reason   no findings of these checks here
//	//idemlint:idempotent reason             on a function: repeating it is safe
//	//idemlint:at-most-once reason           on a function: losing a message is accepted
//	//idemlint:write key=1 value=2           on a function, an interface method or a function
//	                                         type: what in-house code does (words.go lists the
//	                                         words and their arguments)
//	//idemlint:message identity=ID           on a type: it carries a received message
//	//nolint:idemlint // reason              golangci-lint's own form, honoured by every driver
//
// A comment at the end of a line holds for that line, one alone on its line for the
// line after its block of comments, and one in the documentation of a declaration
// (or of the package clause) for the whole declaration (or file).
//
// A suppression without a reason suppresses nothing: it is a Problem, as is any
// word or check that does not exist.
package directive

import (
	"bytes"
	"go/ast"
	"go/token"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/models"
)

// atMostOnce are the checks that report a message lost or left behind, which
// //idemlint:at-most-once accepts.
var atMostOnce = []string{"missingdelete", "earlydelete", "deleteonerror", "markfirst"}

// neverIdempotent are the checks that stay even where repeating is safe: a message
// that is never deleted is redelivered for ever, however harmlessly.
var neverIdempotent = []string{"missingdelete"}

// Directive is one well-formed comment.
type Directive struct {
	// Pos is the comment.
	Pos token.Pos
	// Word is what follows "//idemlint:"; Ignore for a //nolint.
	Word string
	// Checks are the names of an Ignore; nil stands for all.
	Checks []string
	// Args are the arguments of a model word, as written: "key=1 value=2".
	Args string
	args []argument
	// Reason is why, for Ignore, Idempotent and AtMostOnce.
	Reason string
	// Node is the declaration that the comment documents: *ast.FuncDecl,
	// *ast.GenDecl, *ast.TypeSpec, *ast.ValueSpec, *ast.Field (an interface's
	// method), or *ast.File; nil where the comment holds for one line.
	Node ast.Node
}

// Set is what the comments of one package say.
type Set struct {
	// Directives are the well-formed ones, in the order of the files.
	Directives []Directive
	// Problems are the malformed ones: position and one clear line.
	Problems []finding.Related
	// Calls and Messages are what the package says of its own code, as entries of a
	// model, sorted. Only the analyzer fills them in: they need the package's types.
	Calls    []models.Call
	Messages []models.Message

	fset   *token.FileSet
	byNode map[ast.Node][]Directive
	scopes []scope
}

// scope is where a suppression holds: a range of one file.
type scope struct {
	file       *token.File
	start, end token.Pos // whole declaration, or
	line       int       // one line, where start is not valid
	directive  Directive
}

// Analyzer parses the directives of a package; its result is a *Set. It reports
// the problems as diagnostics, so that they come out under every driver.
var Analyzer = &analysis.Analyzer{
	Name:             "directive",
	Doc:              "parse //idemlint: comments\n\nReports comments that speak to idemlint but say nothing that it understands.",
	URL:              "https://github.com/idemlint/idemlint#directives",
	ResultType:       reflect.TypeFor[*Set](),
	RunDespiteErrors: true,
	Run: func(pass *analysis.Pass) (any, error) {
		set := Parse(pass.Fset, pass.Files)
		set.resolve(pass.Pkg, pass.TypesInfo)
		for _, p := range set.Problems {
			pass.Report(analysis.Diagnostic{Pos: p.Pos, Category: "directive", Message: p.Message})
		}
		return set, nil
	},
}

// Parse reads the comments of a package's files.
func Parse(fset *token.FileSet, files []*ast.File) *Set {
	s := &Set{fset: fset, byNode: map[ast.Node][]Directive{}}
	for _, f := range files {
		if mentions(f) {
			(&fileReader{set: s, file: f, docs: documented(f)}).parse()
		}
	}
	return s
}

// mentions tells quickly whether a file has anything for us.
func mentions(f *ast.File) bool {
	for _, g := range f.Comments {
		for _, c := range g.List {
			if strings.Contains(c.Text, "idemlint:") || strings.HasPrefix(c.Text, "//nolint") {
				return true
			}
		}
	}
	return false
}

// Mentioned tells quickly, and perhaps wrongly, whether a file's source has anything
// for us.
func Mentioned(src []byte) bool {
	if bytes.Contains(src, []byte("idemlint:")) {
		return true
	}
	for {
		_, rest, ok := bytes.Cut(src, []byte("//nolint:"))
		if !ok {
			return false
		}
		line, _, _ := bytes.Cut(rest, []byte("\n"))
		for _, name := range append([]string{"idemlint"}, Checks...) {
			if bytes.Contains(line, []byte(name)) {
				return true
			}
		}
		src = rest
	}
}

// documented maps each documentation comment to what it documents.
func documented(f *ast.File) map[*ast.CommentGroup]ast.Node {
	docs := map[*ast.CommentGroup]ast.Node{}
	add := func(g *ast.CommentGroup, n ast.Node) {
		if g != nil && docs[g] == nil {
			docs[g] = n
		}
	}
	add(f.Doc, f)
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			add(d.Doc, d)
		case *ast.GenDecl:
			single := ast.Node(d)
			if len(d.Specs) == 1 && !d.Lparen.IsValid() {
				single = d.Specs[0] // "type T …": the type rather than its declaration
			}
			add(d.Doc, single)
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					add(spec.Doc, spec)
					if t, ok := spec.Type.(*ast.InterfaceType); ok {
						for _, m := range t.Methods.List {
							add(m.Doc, m)
						}
					}
				case *ast.ValueSpec:
					add(spec.Doc, spec)
				}
			}
		}
	}
	return docs
}

// On returns the directives in the documentation of a declaration.
func (s *Set) On(n ast.Node) []Directive { return s.byNode[n] }

// Func returns the directive with the word on a function, and whether there is one.
func (s *Set) Func(f *ast.FuncDecl, word string) (Directive, bool) {
	for _, d := range s.byNode[f] {
		if d.Word == word {
			return d, true
		}
	}
	return Directive{}, false
}

// Suppressed tells whether findings of a check are unwanted at a position, and why.
func (s *Set) Suppressed(check string, pos token.Pos) (reason string, ok bool) {
	if s == nil || !pos.IsValid() {
		return "", false
	}
	file := s.fset.File(pos)
	for _, sc := range s.scopes {
		if sc.file != file || !sc.directive.covers(check) {
			continue
		}
		if sc.start.IsValid() && sc.start <= pos && pos <= sc.end ||
			!sc.start.IsValid() && file.Line(pos) == sc.line {
			return sc.directive.Reason, true
		}
	}
	return "", false
}

// covers tells whether the directive silences the check.
func (d Directive) covers(check string) bool {
	switch d.Word {
	case Ignore:
		return d.Checks == nil || contains(d.Checks, check)
	case Idempotent:
		return !contains(neverIdempotent, check)
	case AtMostOnce:
		return contains(atMostOnce, check)
	}
	return false
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}
