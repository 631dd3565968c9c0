package output

import (
	"go/token"
	"os"
	"path/filepath"
	"testing"
)

func TestColumn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.go")
	if err := os.WriteFile(file, []byte("aü🐝x\xffy\r\nb"), 0o666); err != nil {
		t.Fatal(err)
	}
	var s sources
	for _, c := range []struct{ line, bytes, want int }{
		{1, 1, 1}, {1, 2, 2}, {1, 4, 3}, {1, 8, 5}, {1, 9, 6}, {1, 10, 7}, {1, 11, 8}, // the end of the line
		{1, 12, 12}, // beyond it: another file than the one that was analysed
		{2, 1, 1}, {7, 5, 5}, {2, 0, 1},
	} {
		if got := s.column(token.Position{Filename: file, Line: c.line, Column: c.bytes}); got != c.want {
			t.Errorf("line %d, byte %d: column %d, want %d", c.line, c.bytes, got, c.want)
		}
	}
	if got := s.column(token.Position{Filename: file + ".gone", Line: 1, Column: 9}); got != 9 {
		t.Errorf("without a file: column %d, want 9", got)
	}
}

func TestRoot(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "a", "b")
	if err := os.MkdirAll(sub, 0o777); err != nil {
		t.Fatal(err)
	}
	if got := Root(sub); got != sub {
		t.Errorf("without a repository: %s, want %s", got, sub)
	}
	// In a worktree and in a submodule .git is a file.
	if err := os.WriteFile(filepath.Join(dir, "a", ".git"), []byte("gitdir: ../x\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if got := Root(sub); got != filepath.Join(dir, "a") {
		t.Errorf("in a repository: %s", got)
	}
}
