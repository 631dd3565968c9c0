// Package apply makes the fixes of findings in files.
package apply

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"go/token"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/finding"
)

// Change is what fixes make of one file.
type Change struct {
	File     string
	Old, New []byte
}

// Plan is what can be done about findings.
type Plan struct {
	// Changes are sorted by file.
	Changes []Change
	// Applied counts the fixes that are in Changes; Left those that overlap one of them,
	// and may be made when these are.
	Applied, Left int
	// Err tells why there are no changes although there are fixes.
	Err error
}

// edit is an edit of a file's bytes.
type edit struct {
	start, end int
	text       string
}

// Make takes the first fix of each finding, in their order, and leaves those out that
// overlap one taken before. Nothing is written.
func Make(fset *token.FileSet, findings []finding.Finding) Plan {
	var plan Plan
	taken := map[string][]edit{}
	for _, f := range findings {
		if len(f.Fixes) == 0 {
			continue
		}
		edits := offsets(fset, f.Fixes[0])
		if edits == nil || overlap(taken, edits) {
			plan.Left++
			continue
		}
		for file, list := range edits {
			for _, e := range list {
				// Two fixes that import the same package insert the same line.
				if !slices.Contains(taken[file], e) {
					taken[file] = append(taken[file], e)
				}
			}
		}
		plan.Applied++
	}
	var files []string
	for file := range taken {
		files = append(files, file)
	}
	slices.Sort(files)
	for _, file := range files {
		c, err := change(file, taken[file], size(fset, file))
		if err != nil {
			// A fix may touch several files: all or nothing.
			return Plan{Err: err}
		}
		plan.Changes = append(plan.Changes, c)
	}
	return plan
}

// offsets are a fix's edits by file, or nil where an edit lies in no file.
func offsets(fset *token.FileSet, fix analysis.SuggestedFix) map[string][]edit {
	byFile := map[string][]edit{}
	for _, e := range fix.TextEdits {
		f := fset.File(e.Pos)
		end := e.End
		if !end.IsValid() {
			end = e.Pos
		}
		if f == nil || end < e.Pos || int(end) > f.Base()+f.Size() {
			return nil
		}
		byFile[f.Name()] = append(byFile[f.Name()], edit{f.Offset(e.Pos), f.Offset(end), string(e.NewText)})
	}
	if len(byFile) == 0 {
		return nil
	}
	return byFile
}

// overlap tells whether edits touch the same bytes as those taken. Equal insertions do
// not disturb each other; others at one place do, as their order is not known.
func overlap(taken, edits map[string][]edit) bool {
	for file, list := range edits {
		for _, e := range list {
			for _, t := range taken[file] {
				insertion := e.start == e.end
				if e == t && insertion {
					continue
				}
				if e.start < t.end && t.start < e.end || e.start == t.start {
					return true
				}
			}
		}
	}
	return false
}

func size(fset *token.FileSet, name string) int {
	n := -1
	fset.Iterate(func(f *token.File) bool {
		if f.Name() == name {
			n = f.Size()
		}
		return n < 0
	})
	return n
}

// change applies edits to a file that is still as long as it was when it was read, and
// formats it.
func change(file string, edits []edit, size int) (Change, error) {
	old, err := os.ReadFile(file)
	if err != nil {
		return Change{}, err
	}
	if len(old) != size {
		return Change{}, fmt.Errorf("%s has changed since it was analysed", file)
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	var b bytes.Buffer
	at := 0
	for _, e := range edits {
		b.Write(old[at:e.start])
		b.WriteString(e.text)
		at = e.end
	}
	b.Write(old[at:])
	text, err := Tidy(b.Bytes(), old)
	if err != nil {
		return Change{}, fmt.Errorf("%s: the fixes make no valid Go: %w", file, err)
	}
	return Change{file, old, text}, nil
}

// Tidy formats a changed file, takes out imports that only what was changed used, and
// keeps the line ends of the old one.
func Tidy(text, old []byte) ([]byte, error) {
	text, err := withoutUnused(text, old)
	if err != nil {
		return nil, err
	}
	if text, err = format.Source(text); err != nil {
		return nil, err
	}
	if bytes.Contains(old, []byte("\r\n")) {
		text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	}
	return text, nil
}

// Write replaces the files as wholes: all new ones are written beside the old ones
// first, and only then put in their place. Where one cannot be, those already replaced
// are put back.
func (p *Plan) Write() error { return replace(p.Changes, func(c Change) []byte { return c.New }) }

// Undo puts back what Write replaced.
func (p *Plan) Undo() error { return replace(p.Changes, func(c Change) []byte { return c.Old }) }

func replace(changes []Change, text func(Change) []byte) error {
	type pair struct{ temporary, file string }
	var staged []pair
	defer func() {
		for _, s := range staged {
			os.Remove(s.temporary) // none is left where all went well
		}
	}()
	for _, c := range changes {
		file, err := filepath.EvalSymlinks(c.File)
		if err != nil {
			return err
		}
		name, err := stage(file, text(c))
		if name != "" {
			staged = append(staged, pair{name, file})
		}
		if err != nil {
			return err
		}
	}
	for i, s := range staged {
		if err := os.Rename(s.temporary, s.file); err != nil {
			for k, c := range changes[:i] {
				back := c.Old
				if bytes.Equal(text(c), c.Old) {
					back = c.New
				}
				if name, errBack := stage(staged[k].file, back); errBack == nil {
					os.Rename(name, staged[k].file)
				}
			}
			return err
		}
	}
	return nil
}

// stage writes a file beside another one, with its permissions.
func stage(file string, text []byte) (name string, err error) {
	info, err := os.Stat(file)
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".idemlint-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	err = cmp.Or(err, f.Chmod(info.Mode().Perm()), f.Sync(), f.Close())
	return f.Name(), err
}
