package revision

import (
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// repository is a new repository with files, committed.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	git := []string{"init", "-q"}
	for name, text := range files {
		put(t, dir, name, text)
	}
	run(t, dir, git...)
	commit(t, dir)
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

func commit(t *testing.T, dir string) {
	t.Helper()
	run(t, dir, "add", "-A")
	run(t, dir, "-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false", "commit", "-qm", "x")
}

// changed lists the lines of a file, of the first ten, that changed since HEAD.
func changed(t *testing.T, dir, rev, file string) (list []int) {
	t.Helper()
	s, err := Find(dir, rev)
	if err == nil {
		err = s.Load()
	}
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 10; n++ {
		if s.Changed(filepath.Join(dir, file), n, n) {
			list = append(list, n)
		}
	}
	return list
}

func TestChanged(t *testing.T) {
	const old = "1\n2\n3\n4\n5\n6\n"
	for _, c := range []struct {
		name, file, text string
		want             []int
	}{
		{"nothing", "a.go", old, nil},
		{"a line changed", "a.go", "1\n2\nx\n4\n5\n6\n", []int{3}},
		{"lines put in", "a.go", "1\n2\nx\ny\n3\n4\n5\n6\n", []int{3, 4}},
		{"lines put in first", "a.go", "x\n" + old, []int{1}},
		{"lines taken out", "a.go", "1\n2\n5\n6\n", []int{2, 3}},
		{"lines taken out first", "a.go", "3\n4\n5\n6\n", []int{1}},
		{"the last line without its end", "a.go", "1\n2\n3\n4\n5\n6", []int{6}},
		{"lines that look like a diff", "a.go", "1\n++ b/b.go\n3\n4\n@@ -1 +1 @@\n6\nx\n", []int{2, 5, 7}},
		{"an unknown file", "new.go", "x\n", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"a name with a blank", "b b.go", "x\n", []int{1}},
		{"a name with a quote, a tab and an umlaut", "ü\"\t.go", "x\n", []int{1}},
		{"in a directory", "d/e.go", "1\nx\n", []int{2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := repository(t, map[string]string{"a.go": old, "b b.go": "1\n", "ü\"\t.go": "1\n", "d/e.go": "1\n2\n", "b.go": "1\n"})
			// Settings of the user's must not matter.
			run(t, dir, "config", "diff.noprefix", "true")
			run(t, dir, "config", "color.ui", "always")
			run(t, dir, "config", "core.autocrlf", "false")
			put(t, dir, c.file, c.text)
			if got := changed(t, dir, "HEAD", c.file); !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
			if c.file != "b.go" && changed(t, dir, "HEAD", "b.go") != nil {
				t.Error("b.go changed, too")
			}
		})
	}
}

func TestRename(t *testing.T) {
	text := strings.Repeat("a line of a file that is long enough to be known again\n", 9)
	dir := repository(t, map[string]string{"a.go": text})
	if err := os.Rename(filepath.Join(dir, "a.go"), filepath.Join(dir, "b.go")); err != nil {
		t.Fatal(err)
	}
	put(t, dir, "b.go", text+"x\n")
	run(t, dir, "add", "-A")
	if got := changed(t, dir, "HEAD", "b.go"); !slices.Equal(got, []int{10}) {
		t.Errorf("%v, want line 10", got)
	}
	commit(t, dir)
	if got := changed(t, dir, "HEAD~", "b.go"); !slices.Equal(got, []int{10}) {
		t.Errorf("committed: %v, want line 10", got)
	}
}

// TestHook: in a hook of a linked working tree git sets GIT_DIR alone.
func TestHook(t *testing.T) {
	dir := repository(t, map[string]string{"sub/a.go": "1\n2\n", "sub/b.go": "1\n"})
	tree := filepath.Join(t.TempDir(), "tree")
	run(t, dir, "worktree", "add", "-q", tree)
	put(t, tree, "sub/a.go", "1\nx\n")
	t.Setenv("GIT_DIR", filepath.Join(dir, ".git", "worktrees", "tree"))
	sub := filepath.Join(tree, "sub")
	if got := changed(t, sub, "HEAD", "a.go"); !slices.Equal(got, []int{2}) {
		t.Errorf("a.go: %v, want line 2", got)
	}
	if got := changed(t, sub, "HEAD", "b.go"); got != nil {
		t.Errorf("b.go: %v, want nothing", got)
	}
}

func TestFind(t *testing.T) {
	dir := repository(t, map[string]string{"a/a.go": "1\n"})
	run(t, dir, "tag", "v1")
	for _, rev := range []string{"HEAD", "v1", "HEAD^{commit}"} {
		if _, err := Find(filepath.Join(dir, "a"), rev); err != nil {
			t.Errorf("%s: %v", rev, err)
		}
	}
	for rev, want := range map[string]string{
		"":           `"" is no revision`,
		"--all":      `"--all" is no revision`,
		"nope":       "git knows no such revision here (a shallow clone has few)",
		"HEAD~9":     "git knows no such revision here (a shallow clone has few)",
		"HEAD..HEAD": "git knows no such revision here (a shallow clone has few)",
		"HEAD:a":     "git knows no such revision here (a shallow clone has few)",
	} {
		if _, err := Find(dir, rev); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", rev, err, want)
		}
	}
	if _, err := Find(t.TempDir(), "HEAD"); err == nil || err.Error() != "this is no git repository" {
		t.Errorf("no repository: %v", err)
	}
	t.Setenv("PATH", "")
	if _, err := Find(dir, "HEAD"); err == nil || err.Error() != "the git command is not in the PATH" {
		t.Errorf("no git: %v", err)
	}
}

// TestExtents: the marks in the source are positions, "«n…»" a range of lines.
func TestExtents(t *testing.T) {
	const src = `package p

func F() error {
	_, err := upload(
		"a",
		"b",
	)
	if err := upload(
		"c",
	); err != nil {
		return err
	}
	for i := range items(
		1) {
		use(i)
	}
	run(1, func() {
		upload()
	})
	switch {
	case upload(
		"d"):
	}
	go func() {
		upload()
	}()
	return err
}

var X = upload(
	"e")
`
	file := filepath.Join(t.TempDir(), "p.go")
	if err := os.WriteFile(file, []byte(src), 0o666); err != nil {
		t.Fatal(err)
	}
	var e Extents
	for _, c := range []struct{ line, col, from, to int }{
		{4, 12, 4, 7}, {5, 3, 4, 7}, {8, 12, 8, 10}, {11, 3, 11, 11}, {13, 17, 13, 14}, {15, 3, 15, 15},
		{17, 2, 17, 17}, {18, 3, 18, 18}, {21, 7, 21, 22}, {24, 2, 24, 24}, {25, 3, 25, 25}, {27, 2, 27, 27}, {28, 1, 28, 28},
		{3, 6, 3, 3}, {30, 9, 30, 31}, {1, 1, 1, 1}, {99, 1, 99, 99}, {4, 999, 4, 4}, {4, 40, 4, 4},
	} {
		from, to := e.Of(token.Position{Filename: file, Line: c.line, Column: c.col})
		if from != c.from || to != c.to {
			t.Errorf("line %d, column %d: %d–%d, want %d–%d", c.line, c.col, from, to, c.from, c.to)
		}
	}
	if from, to := e.Of(token.Position{Filename: file + ".y", Line: 4}); from != 4 || to != 4 {
		t.Errorf("a file that is not there: %d–%d", from, to)
	}
}

// FuzzDiff: whatever git says is read, or refused in one line.
func FuzzDiff(f *testing.F) {
	f.Add([]byte("--- a/a.go\n+++ b/a.go\n@@ -1 +1,2 @@ f\n-x\n+++ y\n+z\n@@ -9,2 +8,0 @@\n-x\n-y\n"))
	f.Add([]byte("+++ \"b/\\303\\274\\t.go\"\n@@ -1 +1 @@\n"))
	f.Add([]byte("@@ -1,99999999999999999999 +1 @@\n@@ nonsense\n"))
	f.Fuzz(func(t *testing.T, diff []byte) {
		s := &Since{changed: map[string][]lines{}}
		if err := s.read(diff); err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q is more than one line", err)
		}
	})
}
