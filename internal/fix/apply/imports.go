package apply

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// withoutUnused takes out the imports that the old file used and the new one does not.
// The name of an import is guessed from its path; where the guess is wrong, the file
// uses no such name before either, and the import stays.
func withoutUnused(text, old []byte) ([]byte, error) {
	fset := token.NewFileSet()
	before, err := parser.ParseFile(fset, "old.go", old, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	after, err := parser.ParseFile(fset, "new.go", text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	used, still := qualifiers(before), qualifiers(after)
	changed := false
	for _, spec := range slices.Clone(after.Imports) {
		name, given := guess(unquote(spec)), ""
		if spec.Name != nil {
			name, given = spec.Name.Name, spec.Name.Name
		}
		if used[name] && !still[name] {
			changed = astutil.DeleteNamedImport(fset, after, given, unquote(spec)) || changed
		}
	}
	if !changed {
		return text, nil
	}
	var b bytes.Buffer
	err = format.Node(&b, fset, after)
	return b.Bytes(), err
}

// qualifiers are the names that stand before a dot.
func qualifiers(f *ast.File) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				names[id.Name] = true
			}
		}
		return true
	})
	return names
}

var major = regexp.MustCompile(`^v[0-9]+$`)

// guess is the name that a package most likely has.
func guess(importPath string) string {
	name := path.Base(importPath)
	if major.MatchString(name) {
		name = path.Base(path.Dir(importPath))
	}
	name, _, _ = strings.Cut(name, ".")
	return strings.TrimPrefix(name, "go-")
}

func unquote(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return ""
	}
	return p
}
