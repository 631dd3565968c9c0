package directive

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

func parse(t *testing.T, src string) (*Set, *token.FileSet, *ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "w.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return Parse(fset, []*ast.File{f}), fset, f
}

// suppressed lists the lines on which a check is silent.
func suppressed(s *Set, fset *token.FileSet, f *ast.File, check string) []int {
	var lines []int
	file := fset.File(f.Pos())
	for line := 1; line <= file.LineCount(); line++ {
		if _, ok := s.Suppressed(check, file.LineStart(line)); ok {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestScope(t *testing.T) {
	for _, c := range []struct {
		name, src string
		etag      []int // lines silent for etag
		blobwrite []int
	}{
		{"at the end of a line: that line", `package p
func f() {
	g() //idemlint:ignore etag one worker only
	g()
}`, []int{3}, nil},
		{"alone on its line: the next line", `package p
func f() {
	//idemlint:ignore etag one worker only
	g()
	g()
}`, []int{4}, nil},
		{"several in one block: the line after the block", `package p
func f() {
	//idemlint:ignore etag one worker only
	//idemlint:ignore blobwrite a cache
	// and a remark
	g()
}`, []int{6}, []int{6}},
		{"two checks in one comment", `package p
func f() {
	g() //idemlint:ignore etag,blobwrite a cache
}`, []int{3}, []int{3}},
		{"all checks", `package p
func f() {
	g() //idemlint:ignore all a toy
}`, []int{3}, []int{3}},
		{"after a closing brace: that line", `package p
func f() {
	if x {
	} //idemlint:ignore etag why
	g()
}`, []int{4}, nil},
		{"before a function: all of it", `package p

// f does things.
//
//idemlint:ignore etag one worker only
func f() {
	g()
}

func h() {}`, []int{6, 7, 8}, nil},
		{"before a type: all of it", `package p

//idemlint:ignore etag why
type t struct {
	f func()
}`, []int{4, 5, 6}, nil},
		{"before the package clause: the file", `//idemlint:ignore etag a demonstration
package p

func f() {}`, []int{1, 2, 3, 4}, nil},
		{"idempotent: all checks in the function, but a message never deleted", `package p

//idemlint:idempotent the table is keyed by the message
func f() {
}`, []int{4, 5}, []int{4, 5}},
		{"at-most-once: not the writes", `package p

//idemlint:at-most-once a lost metric does no harm
func f() {
}`, nil, nil},
		{"golangci-lint's comment for a check", `package p
func f() {
	g() //nolint:etag // one worker only
}`, []int{3}, nil},
		{"golangci-lint's comment for idemlint", `package p
func f() {
	g() //nolint:errcheck,idemlint // one worker only
}`, []int{3}, []int{3}},
		{"golangci-lint's comment for others", `package p
func f() {
	g() //nolint:errcheck // cannot fail
}`, nil, nil},
		{"a comment within the comment", `package p
func f() {
	g() //idemlint:ignore etag why // want "nothing"
}`, []int{3}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, fset, f := parse(t, c.src)
			for _, p := range s.Problems {
				t.Errorf("problem: %s", p.Message)
			}
			if got := suppressed(s, fset, f, "etag"); !slices.Equal(got, c.etag) {
				t.Errorf("etag is silent on lines %v, want %v", got, c.etag)
			}
			if got := suppressed(s, fset, f, "blobwrite"); !slices.Equal(got, c.blobwrite) {
				t.Errorf("blobwrite is silent on lines %v, want %v", got, c.blobwrite)
			}
		})
	}
}

func TestAtMostOnceAndMissingDelete(t *testing.T) {
	s, fset, f := parse(t, `package p

//idemlint:at-most-once a lost metric does no harm
func f() {}

//idemlint:idempotent keyed by the message
func g() {}`)
	if got := suppressed(s, fset, f, "missingdelete"); !slices.Equal(got, []int{4}) {
		t.Errorf("missingdelete is silent on lines %v, want the function that accepts losses, line 4", got)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ comment, want string }{
		{"//idemlint:ignore", "//idemlint:ignore names no check: write"},
		{"//idemlint:ignore etag", "gives no reason"},
		{"//idemlint:ignore etag // want something", "gives no reason"},
		{"//idemlint:ignore etga why", `names "etga", which is no check: the checks are blobwrite`},
		{"//idemlint:ignore etag,nope why", `names "nope"`},
		{"//idemlint:ingore etag why", "//idemlint:ingore is no directive: the words are ignore,"},
		{"//idemlint:", "is no directive"},
		{"//idemlint:idempotent", "say after it why repeating the function does no harm"},
		{"//idemlint:at-most-once", "say after it why losing a message is acceptable"},
		{"//idemlint:idempotent keyed", "stands before no function"},
		{"//idemlint:receive", "stands before no function, interface method or type"},
		{"// idemlint:ignore etag why", `write "//idemlint:ignore"`},
		{"//nolint:etag", "//nolint:etag gives no reason"},
		{"//nolint:errcheck,idemlint", "gives no reason"},
		{"//nolint:errcheck", ""},
		{"//nolint", ""},
		{"// idemlint: a linter", ""},
		{"// about //idemlint:ignore", ""},
	} {
		s, fset, _ := parse(t, "package p\n\nfunc f() {\n\t"+c.comment+"\n\tg()\n}\n")
		var got []string
		for _, p := range s.Problems {
			got = append(got, fmt.Sprintf("%s: %s", fset.Position(p.Pos), p.Message))
		}
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("%s: problems %q, want none", c.comment, got)
		case c.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], "w.go:4:2: ") || !strings.Contains(got[0], c.want)):
			t.Errorf("%s: problems %q, want one at w.go:4:2 with %q", c.comment, got, c.want)
		}
		if c.want != "" && len(s.Directives) > 0 {
			t.Errorf("%s: counts although it is malformed", c.comment)
		}
	}
}

func TestModelWords(t *testing.T) {
	s, _, f := parse(t, `package p

type Store interface {
	// Put writes.
	//
	//idemlint:write key=1 value=2
	Put(ctx, key, value string) error
}

//idemlint:receive
func next() {}

//idemlint:handler
type Handler func(body []byte) error
`)
	if len(s.Problems) > 0 {
		t.Fatal(s.Problems)
	}
	method := f.Decls[0].(*ast.GenDecl).Specs[0].(*ast.TypeSpec).Type.(*ast.InterfaceType).Methods.List[0]
	if got := s.On(method); len(got) != 1 || got[0].Word != Write || got[0].Args != "key=1 value=2" {
		t.Errorf("on the method: %+v", got)
	}
	if _, ok := s.Func(f.Decls[1].(*ast.FuncDecl), Receive); !ok {
		t.Error("receive on the function is not found")
	}
	if got := s.On(f.Decls[2].(*ast.GenDecl).Specs[0]); len(got) != 1 || got[0].Word != Handler {
		t.Errorf("on the type: %+v", got)
	}
}

func TestMentioned(t *testing.T) {
	for src, want := range map[string]bool{
		"//idemlint:ignore": true, "//nolint:errcheck,etag": true, "//nolint:errcheck // x\n//nolint:idemlint": true,
		"//nolint:errcheck\netag": false, "package p": false,
	} {
		if got := Mentioned([]byte(src)); got != want {
			t.Errorf("Mentioned(%q) = %v", src, got)
		}
	}
}
