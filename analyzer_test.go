// Package idemlint_test runs the whole command as its users do, over the handlers in
// testdata and over code that has no handlers at all.
//
// With IDEMLINT_LONG set the tests do what takes minutes, too.
package idemlint_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/idemlint/idemlint/analyzer"
)

// The corpus is a module of handlers: handlers/<check>/<case>/… on Azure, most of them
// wrong or right about that one check, and queues/<SDK>/<case>/… on the other queues and
// stores. Every line that does harm says so in a comment:
//
//	return nil // want `work succeeded.*unsettled.*\(missingdelete\)`
//
// A line that does harm and is not reported yet says "miss" instead of "want": a known
// miss. When it is found one day, the test says that it must become a want.
const corpus = "testdata"

var folders = []string{"handlers", "queues"}

// The folder demo holds the examples that the documentation shows; it says beside them
// what is found there.
const demo = "demo"

// The handlers of this folder are read with blobwrite's option.
const strictFolder, strictFlag = "handlers/blobwritestrict", "-blobwrite.strict"

// command is idemlint, built once.
var command string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "idemlint")
	if err != nil {
		panic(err)
	}
	command = filepath.Join(dir, "idemlint")
	if out, err := exec.Command("go", "build", "-o", command, "./cmd/idemlint").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the command: %v\n%s", err, out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// long tells whether to do what takes minutes.
func long() bool { return os.Getenv("IDEMLINT_LONG") != "" }

// callTimeout is how long a program may run; go vet with nothing in its cache takes a
// minute.
const callTimeout = 4 * time.Minute

// call runs a program in a directory, with more variables in its environment.
func call(dir string, env []string, name string, args ...string) (stdout, stderr string, code int, err error) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), callTimeout, fmt.Errorf("%s still ran after %v", filepath.Base(name), callTimeout))
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	// The go command's children hold its output open; they end with it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	case errors.As(err, &exit) && exit.Exited():
		err = nil
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode(), err
}

// found is a finding in the order in which lists of them are sorted: its message is
// followed by the schedule and the check, as every driver but ours prints it.
type found struct {
	File      string
	Line, Col int
	Message   string
}

func (f found) String() string { return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Col, f.Message) }

func compare(a, b found) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), cmp.Compare(a.Message, b.Message))
}

// merge joins the findings of the corpus without and with the strict option.
func merge(plain, strict []found) []found {
	list := slices.DeleteFunc(slices.Clone(plain), func(f found) bool {
		return strings.HasPrefix(f.File, strictFolder+"/") || strings.HasPrefix(f.File, demo+"/")
	})
	list = append(list, strict...)
	slices.SortFunc(list, compare)
	return list
}

// standalone is what the command finds in the corpus.
var standalone = sync.OnceValues(func() ([]found, error) {
	plain, err := runJSON(nil, "./...")
	if err != nil {
		return nil, err
	}
	strict, err := runJSON(nil, strictFlag, "./"+strictFolder+"/...")
	return merge(plain, strict), err
})

// runJSON runs the command over the corpus and reads its answer.
func runJSON(env []string, args ...string) ([]found, error) {
	stdout, stderr, code, err := call(corpus, env, command, append([]string{"-f", "json"}, args...)...)
	if err != nil || code != 1 || stderr != "" {
		return nil, fmt.Errorf("idemlint %q: exit %d (%v), errors:\n%s", args, code, err, stderr)
	}
	var list []found
	for line := range strings.Lines(stdout) {
		var o struct {
			Code, Message string
			Schedule      []string
			Location      struct {
				File         string
				Line, Column int
			}
		}
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			return nil, fmt.Errorf("not a line of JSON: %w\n%s", err, line)
		}
		if len(o.Schedule) == 0 {
			return nil, fmt.Errorf("a finding without a schedule: %s", line)
		}
		list = append(list, found{o.Location.File, o.Location.Line, o.Location.Column,
			o.Message + "; schedule: " + strings.Join(o.Schedule, " · ") + " (" + o.Code + ")"})
	}
	return list, nil
}

// want is one expectation.
type want struct {
	File string
	Line int
	*regexp.Regexp
}

var (
	wantComment = regexp.MustCompile(`// want(.*)$`)
	missComment = regexp.MustCompile("// miss `.*`$")
	backquoted  = regexp.MustCompile("^( `[^`]*`)+$")
	namesCheck  = regexp.MustCompile(`\\\((\w+)\\\)$`)
)

// readWants reads the expectations of the corpus, and the cases: "handlers/etag/cart".
func readWants(t *testing.T) (wants []want, cases []string) {
	t.Helper()
	var checks []string
	for _, c := range analyzer.Checks() {
		checks = append(checks, c.Doc.Name)
	}
	err := walkCases(func(path string) error {
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, _ := filepath.Rel(corpus, path)
		file = filepath.ToSlash(file)
		if c := caseOf(file); c != "" && !slices.Contains(cases, c) {
			cases = append(cases, c)
		}
		n := 0
		for line := range strings.Lines(string(src)) {
			n++
			m := wantComment.FindStringSubmatch(strings.TrimRight(line, "\n"))
			if m == nil {
				continue
			}
			if !backquoted.MatchString(m[1]) {
				t.Errorf("%s:%d: want is followed by regular expressions in backquotes, not by%s", path, n, m[1])
				continue
			}
			for _, text := range strings.Split(strings.Trim(m[1], " `"), "` `") {
				re, err := regexp.Compile(text)
				if err != nil {
					t.Errorf("%s:%d: %v", path, n, err)
					continue
				}
				if name := namesCheck.FindStringSubmatch(text); name == nil || !slices.Contains(checks, name[1]) {
					t.Errorf("%s:%d: `%s` does not end with a check's name in parentheses", path, n, text)
				}
				wants = append(wants, want{file, n, re})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return wants, cases
}

// knownMisses are the cases with harm that is not reported yet, and their lines.
func knownMisses(t *testing.T) (lines, cases map[string]bool) {
	t.Helper()
	lines, cases = map[string]bool{}, map[string]bool{}
	err := walkCases(func(path string) error {
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, _ := filepath.Rel(corpus, path)
		file = filepath.ToSlash(file)
		for i, line := range strings.Split(string(src), "\n") {
			if missComment.MatchString(line) {
				lines[fmt.Sprintf("%s:%d", file, i+1)] = true
				cases[caseOf(file)] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines, cases
}

// walkCases visits every Go file of the cases.
func walkCases(visit func(path string) error) error {
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(corpus, folder), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
				return err
			}
			return visit(path)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// caseOf is the case that a file belongs to, or "" outside of the handlers.
func caseOf(file string) string {
	parts := strings.Split(file, "/")
	if len(parts) < 4 || !slices.Contains(folders, parts[0]) {
		return ""
	}
	return strings.Join(parts[:3], "/")
}

// difference matches findings with expectations: what is left of both, each finding
// standing for one expectation.
func difference(findings []found, wants []want) (missing []want, unexpected []found) {
	unexpected = slices.Clone(findings)
	for _, w := range wants {
		i := slices.IndexFunc(unexpected, func(f found) bool {
			message, _, _ := strings.Cut(f.Message, "; schedule: ")
			check := f.Message[strings.LastIndex(f.Message, " ("):]
			return f.File == w.File && f.Line == w.Line && w.MatchString(message+check)
		})
		if i < 0 {
			missing = append(missing, w)
			continue
		}
		unexpected = slices.Delete(unexpected, i, i+1)
	}
	return missing, unexpected
}

// TestCorpus: every line of the corpus that says so has its finding, no other line has
// one, and the table tells how many cases of each check there are.
func TestCorpus(t *testing.T) {
	findings, err := standalone()
	if err != nil {
		t.Fatal(err)
	}
	wants, cases := readWants(t)
	missing, unexpected := difference(findings, wants)

	type row struct{ buggy, right, found, wrong int }
	rows := map[string]*row{}
	buggy, failed, alarmed := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, w := range wants {
		buggy[caseOf(w.File)] = true
	}
	for _, w := range missing {
		failed[caseOf(w.File)] = true
		t.Errorf("%s:%d: no finding matches `%s`", w.File, w.Line, w.Regexp)
	}
	lines, missed := knownMisses(t)
	for c := range missed {
		buggy[c], failed[c] = true, true
	}
	for _, f := range unexpected {
		if lines[fmt.Sprintf("%s:%d", f.File, f.Line)] {
			t.Errorf("%s:%d: a known miss is found now: make it a want", f.File, f.Line)
			continue
		}
		alarmed[caseOf(f.File)] = true
		t.Errorf("%s:%d: unexpected: %s", f.File, f.Line, f.Message)
	}
	total := row{}
	rows["all"] = &total
	for _, c := range cases {
		check := strings.Split(c, "/")[1]
		if rows[check] == nil {
			rows[check] = &row{}
		}
		for _, r := range []*row{rows[check], &total} {
			switch {
			case !buggy[c]:
				r.right++
			case failed[c]:
				r.buggy++
			default:
				r.buggy++
				r.found++
			}
			if alarmed[c] {
				r.wrong++
			}
		}
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "check\tbuggy cases\tright cases\tfound\tfalse\t")
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range rows {
			if !yield(name) {
				return
			}
		}
	})
	for _, name := range names {
		r := rows[name]
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t\n", name, r.buggy, r.right, r.found, r.wrong)
	}
	table.Flush()
	t.Logf("cases, those found whole, and those with a false finding:\n%s", b.String())

	if total.buggy < 40 || total.right < 40 {
		t.Errorf("the corpus has %d buggy and %d right cases; of each there must be 40 at least", total.buggy, total.right)
	}
}

// TestDifference: the comparison above is not blind.
func TestDifference(t *testing.T) {
	wants := []want{{"a.go", 1, regexp.MustCompile(`twice.*\(etag\)$`)}, {"a.go", 1, regexp.MustCompile(`twice.*\(etag\)$`)}}
	once := found{"a.go", 1, 5, "written twice; schedule: GET 1 (etag)"}
	for _, c := range []struct {
		name                string
		findings            []found
		missing, unexpected int
	}{
		{"nothing found", nil, 2, 0},
		{"one finding stands for one want", []found{once}, 1, 0},
		{"two findings", []found{once, once}, 0, 0},
		{"one too many", []found{once, once, once}, 0, 1},
		{"on another line", []found{once, {"a.go", 2, 5, once.Message}}, 1, 1},
		{"in another file", []found{once, {"b.go", 1, 5, once.Message}}, 1, 1},
		{"of another check", []found{once, {"a.go", 1, 5, "written twice; schedule: GET 1 (blobwrite)"}}, 1, 1},
		{"the words only in the schedule", []found{once, {"a.go", 1, 5, "written; schedule: twice (etag)"}}, 1, 1},
	} {
		missing, unexpected := difference(c.findings, wants)
		if len(missing) != c.missing || len(unexpected) != c.unexpected {
			t.Errorf("%s: missing %d, unexpected %d; want %d, %d", c.name, len(missing), len(unexpected), c.missing, c.unexpected)
		}
	}
}
