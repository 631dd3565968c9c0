package output

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// sources reads files once. A file that cannot be read has no lines: it may have been
// generated, or be gone by now.
type sources map[string][]string

func (s *sources) lines(file string) []string {
	if *s == nil {
		*s = sources{}
	}
	lines, ok := (*s)[file]
	if !ok {
		if data, err := os.ReadFile(file); err == nil {
			lines = strings.Split(string(data), "\n")
			for i := range lines {
				lines[i] = strings.TrimSuffix(lines[i], "\r")
			}
		}
		(*s)[file] = lines
	}
	return lines
}

// line is the n-th line, from 1, or the empty string.
func (s *sources) line(file string, n int) string {
	if lines := s.lines(file); n >= 1 && n <= len(lines) {
		return lines[n-1]
	}
	return ""
}

// column turns Go's column, which counts bytes from 1, into one that counts UTF-16
// units, as editors and code scanning do. Without the source it stays as it is.
func (s *sources) column(p token.Position) int {
	text := s.line(p.Filename, p.Line)
	if p.Column < 1 || p.Column-1 > len(text) {
		return max(p.Column, 1)
	}
	units := 1
	for _, r := range text[:p.Column-1] {
		if r == utf8.RuneError {
			units++
			continue
		}
		units += utf16.RuneLen(r)
	}
	return units
}

// Root is the closest directory at or above dir that holds a repository, or else dir.
// CI systems resolve the file names of annotations against it.
func Root(dir string) string {
	for at := dir; ; {
		if _, err := os.Stat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		parent := filepath.Dir(at)
		if parent == at {
			return dir
		}
		at = parent
	}
}

// inRoot names a file relative to the root; ok is false where it lies outside.
func (w *Writer) inRoot(file string) (name string, ok bool) {
	if !filepath.IsAbs(file) {
		return filepath.ToSlash(filepath.Clean(file)), true
	}
	rel, err := filepath.Rel(w.root(), file)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(file), false
	}
	return filepath.ToSlash(rel), true
}

func (w *Writer) root() string {
	if w.Root == "" {
		return w.Dir
	}
	return w.Root
}

// rootPlace is "file:line:col" relative to the root.
func (w *Writer) rootPlace(p token.Position) string {
	p.Filename, _ = w.inRoot(p.Filename)
	return p.String()
}

// function is the range of lines of the declared function around a line, from 0 where
// there is none.
func (s *sources) function(file string, line int) (from, to int) {
	lines := s.lines(file)
	if len(lines) == 0 || filepath.Ext(file) != ".go" {
		return 0, 0
	}
	fset := token.NewFileSet()
	// A file that changed since the analysis may not parse; what does is enough.
	f, _ := parser.ParseFile(fset, file, strings.Join(lines, "\n"), parser.SkipObjectResolution)
	if f == nil {
		return 0, 0
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		// Not the position that a //line comment gives: the lines are those of the file.
		from, to := fset.PositionFor(fn.Pos(), false).Line, fset.PositionFor(fn.End(), false).Line
		if from <= line && line <= to {
			return from, to
		}
	}
	return 0, 0
}
