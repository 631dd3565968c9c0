package idemlint_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"golang.org/x/tools/go/packages"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/checkertest"
	"github.com/idemlint/idemlint/passes/blobwrite"
)

// TestDrivers: the same findings at the same places, whoever runs the analyzers.
func TestDrivers(t *testing.T) {
	want, err := standalone()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "driver\tfindings\tmissing\tmore\ttime\t\nstandalone\t%d\t\t\t\t\n", len(want))
	for _, d := range []struct {
		name string
		run  func(t *testing.T) []found
	}{
		{"go vet", func(t *testing.T) []found { return vetCorpus(t, salted(t)) }},
		{"go/packages and x/tools' checker", checkCorpus},
	} {
		start := time.Now()
		got := d.run(t)
		took := time.Since(start)
		missing, more := without(want, got), without(got, want)
		for _, f := range missing {
			t.Errorf("%s does not find %v", d.name, f)
		}
		for _, f := range more {
			t.Errorf("%s finds also %v", d.name, f)
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%.1fs\t\n", d.name, len(got), len(missing), len(more), took.Seconds())
	}
	table.Flush()
	t.Logf("the corpus in each driver:\n%s", b.String())
	if len(want) < 40 {
		t.Errorf("only %d findings were compared", len(want))
	}
}

// without is what a has more than b; both are sorted.
func without(a, b []found) (list []found) {
	for _, f := range a {
		i, ok := slices.BinarySearchFunc(b, f, compare)
		if !ok {
			list = append(list, f)
			continue
		}
		b = slices.Delete(slices.Clone(b), i, i+1)
	}
	return list
}

// salted is a copy of the command that go vet has not seen yet: what it keeps in its
// cache, it keeps under the hash of the tool's file. The packages' compiled form stays
// in the cache.
func salted(t testing.TB) string { return salt(t, command) }

func salt(t testing.TB, tool string) string {
	t.Helper()
	program, err := os.ReadFile(tool)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), filepath.Base(tool))
	if err := os.WriteFile(name, append(program, rand.Text()...), 0o777); err != nil {
		t.Fatal(err)
	}
	return name
}

// vetCorpus runs the command as a tool of go vet.
func vetCorpus(t *testing.T, tool string, env ...string) []found {
	t.Helper()
	return merge(vet(t, tool, env, "./..."), vet(t, tool, env, strictFlag, "./"+strictFolder+"/..."))
}

var vetLine = regexp.MustCompile(`^(\S+?):(\d+):(\d+): (\t?)(.*)$`)

func vet(t *testing.T, tool string, env []string, args ...string) []found {
	t.Helper()
	stdout, stderr, code, err := call(corpus, env, "go", append([]string{"vet", "-vettool=" + tool}, args...)...)
	if err != nil || code != 1 || stdout != "" {
		t.Fatalf("go vet exits with %d (%v); it printed %q and\n%s", code, err, stdout, stderr)
	}
	var list []found
	for line := range strings.Lines(stderr) {
		m := vetLine.FindStringSubmatch(strings.TrimRight(line, "\n"))
		switch {
		case m == nil && !strings.HasPrefix(line, "# "):
			t.Errorf("go vet says: %s", line)
		case m != nil && m[4] == "": // a related place begins with a tab
			n, _ := strconv.Atoi(m[2])
			col, _ := strconv.Atoi(m[3])
			list = append(list, found{relative(t, m[1]), n, col, m[5]})
		}
	}
	return list
}

// relative names a file as the command does when it runs in the corpus.
func relative(t *testing.T, file string) string {
	t.Helper()
	if !filepath.IsAbs(file) {
		return filepath.ToSlash(filepath.Clean(file))
	}
	dir, err := filepath.Abs(corpus)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(dir, file)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(rel)
}

// checkCorpus runs the analyzers in this process.
func checkCorpus(t *testing.T) []found {
	t.Helper()
	pkgs, err := checkertest.Load(corpus, nil, "./...")
	if err != nil {
		t.Fatal(err)
	}
	plain := check(t, pkgs)
	if err := blobwrite.Analyzer.Flags.Set("strict", "true"); err != nil {
		t.Fatal(err)
	}
	defer blobwrite.Analyzer.Flags.Set("strict", "false")
	strict := slices.DeleteFunc(check(t, pkgs), func(f found) bool { return !strings.HasPrefix(f.File, strictFolder+"/") })
	return merge(plain, strict)
}

func check(t *testing.T, pkgs []*packages.Package) (list []found) {
	t.Helper()
	graph, err := checkertest.Analyze(pkgs, analyzer.Analyzers()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range graph.Roots {
		for _, d := range act.Diagnostics {
			p := act.Package.Fset.Position(d.Pos)
			list = append(list, found{relative(t, p.Filename), p.Line, p.Column, d.Message})
		}
	}
	return list
}

// TestSameBytes: the command prints the same bytes in each run, however many
// processors there are, and in every format.
func TestSameBytes(t *testing.T) {
	runs := 5
	if long() {
		runs = 20
	}
	for _, args := range [][]string{{"-f", "json", "./..."}, {"-coverage", "./..."}} {
		first := ""
		for i := range runs {
			env := []string{"GOMAXPROCS=" + strconv.Itoa(1+i%max(2, runtime.NumCPU()))}
			stdout, stderr, code, err := call(corpus, env, command, args...)
			if err != nil || code != 1 || stderr != "" {
				t.Fatalf("%q: exit %d (%v), errors %s", args, code, err, stderr)
			}
			if first == "" {
				first = stdout
			} else if stdout != first {
				t.Fatalf("%q: run %d with %v differs from the first: %s", args, i+1, env, firstDifference(first, stdout))
			}
		}
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d is\n%s\nand was\n%s", i+1, y[i], x[i])
		}
	}
	return fmt.Sprintf("%d lines, and before %d", len(y), len(x))
}

// TestColdAndWarm: go vet says the same when all facts are new as when they come from
// its cache. (Nothing else here has a cache.) In the long form nothing at all is
// in the cache, not even the compiled packages; then the command, too, has to wait.
func TestColdAndWarm(t *testing.T) {
	tool := salted(t)
	var env []string
	if long() {
		env = []string{"GOCACHE=" + t.TempDir()}
	}
	cold, warm := vetCorpus(t, tool, env...), vetCorpus(t, tool, env...)
	if !slices.Equal(cold, warm) {
		t.Errorf("warm, go vet no longer finds\n%v\nbut finds\n%v", without(cold, warm), without(warm, cold))
	}
	if len(cold) < 40 {
		t.Errorf("only %d findings were compared", len(cold))
	}
	if long() {
		cold, _, _, _ := call(corpus, []string{"GOCACHE=" + t.TempDir()}, command, "-f", "json", "./...")
		warm, _, _, _ := call(corpus, nil, command, "-f", "json", "./...")
		if cold == "" || cold != warm {
			t.Errorf("with an empty build cache: %s", firstDifference(cold, warm))
		}
	}
}
