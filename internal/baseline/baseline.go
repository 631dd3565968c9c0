// Package baseline keeps the findings that were there when a project began to use the
// linter, so that only new ones are reported.
//
// A finding is recognised by its id, which is made of check, package, function and
// message and of no line. The rest of an entry is for people who read the file.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Version is the version of the file's form that is written and read.
const Version = 1

// Entry is a finding that is known already.
type Entry struct {
	ID      string `json:"id"`
	Check   string `json:"check"`
	File    string `json:"file"`
	Message string `json:"message"`
	// Count is how many findings have this id, at least 1.
	Count int `json:"count"`
}

type file struct {
	Version  int     `json:"version"`
	Findings []Entry `json:"findings"`
}

// Encode writes entries, those of one id put together, in an order that depends on
// nothing but them: by file, check, message and id.
func Encode(entries []Entry) []byte {
	f := file{Version: Version, Findings: []Entry{}}
	at := map[string]int{}
	for _, e := range entries {
		e.Count = max(e.Count, 1)
		if i, ok := at[e.ID]; ok {
			f.Findings[i].Count += e.Count
			continue
		}
		at[e.ID] = len(f.Findings)
		f.Findings = append(f.Findings, e)
	}
	slices.SortFunc(f.Findings, compare)
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(f); err != nil {
		panic(err) // strings and numbers
	}
	return buf.Bytes()
}

func compare(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Check, b.Check), cmp.Compare(a.Message, b.Message), cmp.Compare(a.ID, b.ID))
}

// Set is a baseline that findings are held against.
type Set struct {
	entries []Entry
	left    map[string]int
}

// Read reads a baseline. The error is one clear line without the file's name.
func Read(name string) (*Set, error) {
	data, err := os.ReadFile(name)
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("no such file; -write-baseline makes it")
	case errors.As(err, &path):
		return nil, path.Err
	case err != nil:
		return nil, err
	}
	return Decode(data)
}

// Decode is Read of what a file holds.
func Decode(data []byte) (*Set, error) {
	// The version first: a later one may look quite different.
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("it is no baseline: %s", broken(data, err))
	}
	switch {
	case head.Version == nil:
		return nil, errors.New("it is no baseline: it has no version")
	case *head.Version != Version:
		return nil, fmt.Errorf("it is of version %d, and this idemlint reads version %d: write it anew with -write-baseline", *head.Version, Version)
	}
	var f file
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("it is no baseline: %s", broken(data, err))
	}
	s := &Set{}
	for i, e := range f.Findings {
		if e.ID == "" || e.Count < 1 {
			return nil, fmt.Errorf("it is no baseline: finding %d needs an id and a count of at least 1", i+1)
		}
		s.entries = append(s.entries, e)
	}
	slices.SortFunc(s.entries, compare)
	s.Reset()
	return s, nil
}

// Reset puts back what Known took out, for other findings to be held against the set.
func (s *Set) Reset() {
	s.left = map[string]int{}
	for _, e := range s.entries {
		s.left[e.ID] += e.Count
	}
}

// broken tells what is wrong with JSON, and in which line.
func broken(data []byte, err error) string {
	if len(bytes.TrimSpace(data)) == 0 {
		return "it is empty"
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at := min(int(syntax.Offset), len(data))
		return fmt.Sprintf("line %d: %s", 1+bytes.Count(data[:at], []byte("\n")), syntax)
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		at := min(int(kind.Offset), len(data))
		return fmt.Sprintf("line %d: %s where %s is expected", 1+bytes.Count(data[:at], []byte("\n")), kind.Value, kind.Type)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends in the middle"
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}

// Known tells whether a finding of this id is in the baseline, and takes it out: the
// third finding of an id that the baseline counts twice is new.
func (s *Set) Known(id string) bool {
	if s.left[id] == 0 {
		return false
	}
	s.left[id]--
	return true
}

// Gone are the entries, with the count that is left, that no finding took out and that
// looked says were looked for.
func (s *Set) Gone(looked func(Entry) bool) []Entry {
	var list []Entry
	left := map[string]int{}
	for id, n := range s.left {
		left[id] = n
	}
	for _, e := range s.entries {
		e.Count = min(e.Count, left[e.ID])
		left[e.ID] -= e.Count
		if e.Count > 0 && looked(e) {
			list = append(list, e)
		}
	}
	return list
}

// named is how many kinds of findings that are gone are named in one line.
const named = 3

// Describe says in a few words which findings they are: "etag in a.go, 2 × etag in b.go
// and 1 more".
func Describe(entries []Entry) string {
	type kind struct{ check, file string }
	count := map[kind]int{}
	var kinds []kind
	for _, e := range entries {
		k := kind{e.Check, e.File}
		if count[k] == 0 {
			kinds = append(kinds, k)
		}
		count[k] += e.Count
	}
	var words []string
	rest := 0
	for i, k := range kinds {
		switch n := count[k]; {
		case i >= named:
			rest += n
		case n > 1:
			words = append(words, fmt.Sprintf("%d × %s in %s", n, k.check, k.file))
		default:
			words = append(words, k.check+" in "+k.file)
		}
	}
	said := strings.Join(words, ", ")
	if rest > 0 {
		said += fmt.Sprintf(" and %d more", rest)
	}
	return said
}

// Total is how many findings the entries stand for.
func Total(entries []Entry) int {
	n := 0
	for _, e := range entries {
		n += e.Count
	}
	return n
}
