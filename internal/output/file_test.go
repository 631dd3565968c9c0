package output

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string, mode fs.FileMode) {
		if err := os.WriteFile(at(name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("old", "old, and longer than what comes", 0o640)
	write("linked", "old", 0o644)
	for _, err := range []error{os.Symlink("linked", at("link")), os.Mkdir(at("dir"), 0o777)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ name, reads, err string }{
		{"new", "new", ""},
		{"old", "old", ""},
		{"link", "linked", ""},
		{"dir", "", "is a directory"},
		{"none/f", "", "no such file or directory"},
		{"old/f", "", "not a directory"},
		{"", "", "no file name is given"},
	} {
		name := c.name
		if name != "" {
			name = at(name)
		}
		for what, err := range map[string]error{"Writable": Writable(name), "WriteFile": WriteFile(name, []byte("text\n"))} {
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.err {
				t.Errorf("%s(%q): %q, want %q", what, c.name, got, c.err)
			}
		}
		if c.reads != "" {
			if got, err := os.ReadFile(at(c.reads)); string(got) != "text\n" || err != nil {
				t.Errorf("%s: %s has %q, %v", c.name, c.reads, got, err)
			}
		}
	}
	if target, err := os.Readlink(at("link")); target != "linked" || err != nil {
		t.Errorf("the link leads to %q, %v", target, err)
	}
	if info, err := os.Stat(at("old")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the old file has %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	// What is no file is written to, not replaced.
	if err := WriteFile(os.DevNull, []byte("text")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s is %v now, %v", os.DevNull, info.Mode(), err)
	}
	if err := Writable(strings.Repeat("x", 300)); err == nil {
		t.Error("a name that is too long can be written")
	}
}
