package fix

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Import is the name under which the call's file knows a package, with the edit that
// imports it where it does not yet. Where the package's own name is taken at the call,
// "pkg" is appended; where that is taken too, there is none.
func (s *Site) Import(pkgPath, name string) (qualifier string, edits []analysis.TextEdit, ok bool) {
	for _, spec := range s.File.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != pkgPath {
			continue
		}
		known := s.Info.PkgNameOf(spec)
		if known == nil || known.Name() == "_" || known.Name() == "." {
			continue
		}
		if s.Sees(known) {
			return known.Name(), nil, true
		}
	}
	text := strconv.Quote(pkgPath)
	switch {
	case s.Importable(name):
		if name != path.Base(pkgPath) {
			text = name + " " + text
		}
	case s.Importable(name + "pkg"):
		name += "pkg"
		text = name + " " + text
	default:
		return "", nil, false
	}
	edit, ok := s.importEdit(pkgPath, text)
	return name, []analysis.TextEdit{edit}, ok
}

// Importable tells whether a name may become that of an import of the call's file:
// nothing in the package or the file is called so, and nothing in the function.
func (s *Site) Importable(name string) bool {
	for _, f := range s.Files {
		if scope := s.Info.Scopes[f]; scope != nil && scope.Lookup(name) != nil {
			return false
		}
	}
	return s.Free(name)
}

// importEdit adds an import line: in the block whose paths resemble the new one most,
// at its place in the alphabet.
func (s *Site) importEdit(pkgPath, text string) (analysis.TextEdit, bool) {
	var best *ast.ImportSpec
	var group *ast.GenDecl
	length := -1
	for _, d := range s.File.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.IMPORT {
			continue
		}
		for _, sp := range g.Specs {
			spec := sp.(*ast.ImportSpec)
			p := importPath(spec)
			if p == "C" {
				continue
			}
			// The nearest that stands before it in the alphabet, or else the first.
			if n := common(p, pkgPath); n > length || n == length && g == group && p < pkgPath {
				best, group, length = spec, g, n
			}
		}
	}
	if best == nil {
		return analysis.TextEdit{}, false
	}
	if !group.Lparen.IsValid() {
		return Insert(group.End(), "\nimport "+text), true
	}
	if pkgPath < importPath(best) {
		pos := best.Pos()
		if best.Doc != nil {
			pos = best.Doc.Pos()
		}
		return Insert(pos, text+"\n\t"), true
	}
	return Insert(lineEnd(s, best), "\n\t"+text), true
}

// lineEnd is where an import ends, with the comment on its line.
func lineEnd(s *Site, spec *ast.ImportSpec) token.Pos {
	if spec.Comment != nil {
		return spec.Comment.End()
	}
	return spec.End()
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return ""
	}
	return p
}

// common counts the path elements that two import paths begin with.
func common(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

// outside are types that an SDK keeps in internal packages, and the names that it gives
// them outside. That the outer name is the same type is held against the SDK by the
// golden files in testdata/fixes, which compile.
//
// Source: sdk/storage/azblob v1.8.3, blob/models.go and internal/exported/access_conditions.go.
var outside = map[string]struct{ Path, Name string }{
	azblobInternal + "exported.BlobAccessConditions":      {azblobPath + "/blob", "AccessConditions"},
	azblobInternal + "generated.ModifiedAccessConditions": {azblobPath + "/blob", "ModifiedAccessConditions"},
}

const (
	azblobPath     = "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	azblobInternal = azblobPath + "/internal/"
)

// typeName is how a type is written at the call, with the imports that it needs.
func (s *Site) typeName(t types.Type) (text string, edits []analysis.TextEdit, ok bool) {
	var obj *types.TypeName
	switch t := t.(type) {
	case *types.Alias:
		obj = t.Obj()
		if hidden(obj) {
			return s.typeName(types.Unalias(t))
		}
	case *types.Named:
		obj = t.Obj()
	default:
		return "", nil, false
	}
	if obj.Pkg() == nil {
		return "", nil, false
	}
	pkgPath, pkgName, name := obj.Pkg().Path(), obj.Pkg().Name(), obj.Name()
	if obj.Pkg() == s.Pkg {
		return name, nil, s.Sees(obj)
	}
	if hidden(obj) {
		out, known := outside[pkgPath+"."+name]
		if !known {
			return "", nil, false
		}
		pkgPath, pkgName, name = out.Path, path.Base(out.Path), out.Name
	}
	qualifier, edits, ok := s.Import(pkgPath, pkgName)
	return qualifier + "." + name, edits, ok
}

// hidden tells whether other modules cannot name a type.
func hidden(obj *types.TypeName) bool {
	if obj.Pkg() == nil || !obj.Exported() {
		return true
	}
	p := "/" + obj.Pkg().Path() + "/"
	return strings.Contains(p, "/internal/")
}
