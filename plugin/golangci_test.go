package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The cases that are linted: most have their store or queue in a package of its own.
var cases = []string{
	"demo", "handlers/etag/orders", "handlers/etag/orderscas", "handlers/etag/roster", "handlers/blobwrite/weather",
	"handlers/blobwrite/sessions", "handlers/missingdelete/inhousequeue", "handlers/visibility/bareclient",
	"handlers/visibility/wrapperlease", "handlers/freshkey/charge", "handlers/unseen/c05stockreserve",
}

// strictCase has findings only with blobwrite's option.
const strictCase = "handlers/blobwritestrict"

const settings = "        settings:\n"

// golangci is the golangci-lint to test: the one named in the environment, or in the
// long form one built here.
func golangci(t *testing.T) string {
	t.Helper()
	if program := os.Getenv("IDEMLINT_GOLANGCI"); program != "" {
		return program
	}
	if os.Getenv("IDEMLINT_LONG") == "" {
		t.Skip("neither IDEMLINT_GOLANGCI names a golangci-lint with idemlint in it, nor is IDEMLINT_LONG set to build one")
	}
	dir := filepath.Join("cmd", "golangci-lint-idemlint")
	if out, code := run(t, dir, nil, "go", "list", "-deps", "."); code != 0 {
		t.Skipf("golangci-lint's modules are not there:\n%s", out)
	}
	program := filepath.Join(t.TempDir(), "golangci-lint-idemlint")
	start := time.Now()
	if out, code := run(t, dir, nil, "go", "build", "-o", program, "."); code != 0 {
		t.Fatalf("building golangci-lint:\n%s", out)
	}
	t.Logf("golangci-lint was built in %.0fs", time.Since(start).Seconds())
	return program
}

// run runs a program; its output is what it prints to both streams, or to the first
// alone where it succeeds or finds something.
func run(t *testing.T, dir string, env []string, name string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOWORK=off", "NO_COLOR=1"), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	code := cmd.ProcessState.ExitCode()
	if code > 1 || errs.Len() > 0 && out.Len() == 0 {
		return out.String() + errs.String(), code
	}
	return out.String(), code
}

// workers makes a module of the cases, with golangci-lint's configuration from the
// documentation.
func workers(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const corpus = "../testdata"
	for _, c := range append(slices.Clone(cases), strictCase) {
		if err := os.CopyFS(filepath.Join(dir, c), os.DirFS(filepath.Join(corpus, c))); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{
		corpus + "/go.mod": "go.mod", corpus + "/go.sum": "go.sum", "testdata/golangci.yml": ".golangci.yml",
	} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, to), string(text))
	}
	args := []string{"mod", "edit"}
	for _, name := range []string{"github.com/idemlint/idemlint", "github.com/idemlint/idemlint/runtime"} {
		args = append(args, "-droprequire="+name, "-dropreplace="+name)
	}
	if out, code := run(t, dir, nil, "go", args...); code != 0 {
		t.Fatal(out)
	}
	return dir
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

type place struct {
	File         string
	Line, Column int
}

// alone is what the command finds, in golangci-lint's words.
func alone(t *testing.T, command, dir string, flags ...string) []string {
	t.Helper()
	out, code := run(t, dir, nil, command, append(flags, "-f", "json", "./...")...)
	if code != 1 {
		t.Fatalf("idemlint exits with %d:\n%s", code, out)
	}
	var list []string
	for line := range strings.Lines(out) {
		var f struct {
			Code, Message string
			Location      place
			Schedule      []string
			Related       []struct {
				Location place
				Message  string
			}
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatal(err)
		}
		var where []string
		for _, r := range f.Related {
			name := path.Base(r.Location.File)
			if path.Dir(r.Location.File) != path.Dir(f.Location.File) {
				name = path.Join(path.Base(path.Dir(r.Location.File)), name)
			}
			where = append(where, fmt.Sprintf("%s:%d %s", name, r.Location.Line, r.Message))
		}
		list = append(list, fmt.Sprintf("%s:%d:%d: %s: %s; where: %s; schedule: %s (%s)", f.Location.File, f.Location.Line,
			f.Location.Column, f.Code, f.Message, strings.Join(where, " · "), strings.Join(f.Schedule, " · "), f.Code))
	}
	slices.Sort(list)
	return list
}

// plugged is what golangci-lint finds.
func plugged(t *testing.T, program, dir, cache string) []string {
	t.Helper()
	out, code := run(t, dir, []string{"GOLANGCI_LINT_CACHE=" + cache}, program, "run", "--show-stats=false", "--output.json.path=stdout", "./...")
	var answer struct {
		Issues []struct {
			FromLinter, Text string
			Pos              struct {
				Filename     string
				Line, Column int
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 1 {
		t.Fatalf("golangci-lint exits with %d (%v):\n%s", code, err, out)
	}
	var list []string
	for _, i := range answer.Issues {
		if i.FromLinter != "idemlint" {
			t.Errorf("an issue of %s: %s", i.FromLinter, i.Text)
		}
		list = append(list, fmt.Sprintf("%s:%d:%d: %s", i.Pos.Filename, i.Pos.Line, i.Pos.Column, i.Text))
	}
	slices.Sort(list)
	return list
}

// same compares two sorted lists of findings.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	for _, f := range want {
		if !slices.Contains(got, f) {
			t.Errorf("%s, golangci-lint does not find\n%s", what, f)
		}
	}
	for _, f := range got {
		if !slices.Contains(want, f) {
			t.Errorf("%s, golangci-lint finds also\n%s", what, f)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s, golangci-lint has %d findings, and idemlint %d", what, len(got), len(want))
	}
}

var trace = regexp.MustCompile(`; where: .*; schedule: `)

// traceless takes the places out of the texts. Where a package comes from the cache,
// golangci-lint knows it by its export data, in which a file ends with its last
// exported declaration: a place below it is not named then.
func traceless(findings []string) (list []string) {
	for _, f := range findings {
		list = append(list, trace.ReplaceAllString(f, "; schedule: "))
	}
	return list
}

// files are the files of findings.
func files(findings []string) (names []string) {
	for _, f := range findings {
		name, _, _ := strings.Cut(f, ":")
		names = append(names, name)
	}
	return slices.Compact(names)
}

// TestGolangci: golangci-lint says what idemlint says, with its cache empty and full,
// after a change of one package, and with other settings.
func TestGolangci(t *testing.T) {
	program := golangci(t)
	command := filepath.Join(t.TempDir(), "idemlint")
	if out, code := run(t, "..", nil, "go", "build", "-o", command, "./cmd/idemlint"); code != 0 {
		t.Fatal(out)
	}
	dir, cache := workers(t), t.TempDir()
	want := alone(t, command, dir)
	if len(want) < 10 {
		t.Fatalf("only %d findings are compared", len(want))
	}
	for _, what := range []string{"cold", "warm"} {
		start := time.Now()
		got := plugged(t, program, dir, cache)
		t.Logf("%s: %d findings in %.1fs", what, len(got), time.Since(start).Seconds())
		same(t, what, got, want)
	}

	// Packages with findings are analysed anew, those that they import are not: their
	// facts come from the cache.
	for _, name := range files(want) {
		name = filepath.Join(dir, name)
		write(t, name, read(t, name)+"\n// changed\n")
	}
	same(t, "after a change", traceless(plugged(t, program, dir, cache)), traceless(want))

	config := filepath.Join(dir, ".golangci.yml")
	plain := read(t, config)
	if strings.Count(plain, settings) != 1 {
		t.Fatalf("the configuration has not one line %q", settings)
	}
	write(t, config, strings.Replace(plain, "strict: false", "strict: true", 1))
	strict := alone(t, command, dir, "-blobwrite.strict")
	if len(strict) <= len(want) {
		t.Fatalf("the option adds nothing: %d findings, and %d without it", len(strict), len(want))
	}
	same(t, "strict, with the cache of before", plugged(t, program, dir, cache), strict)

	write(t, config, strings.Replace(plain, "strict: false", "stict: true", 1))
	out, code := run(t, dir, []string{"GOLANGCI_LINT_CACHE=" + cache}, program, "run", "./...")
	if code != 3 || !strings.Contains(out, `unknown field "stict"`) {
		t.Errorf("with a setting that does not exist golangci-lint exits with %d and says\n%s", code, out)
	}
}

// TestGolangciFix: golangci-lint's --fix makes of the files what idemlint's -fix makes
// of them.
func TestGolangciFix(t *testing.T) {
	program := golangci(t)
	command := filepath.Join(t.TempDir(), "idemlint")
	if out, code := run(t, "..", nil, "go", "build", "-o", command, "./cmd/idemlint"); code != 0 {
		t.Fatal(out)
	}
	before, want, got := workers(t), workers(t), workers(t)
	if out, code := run(t, want, nil, command, "-fix", "./..."); code != 1 {
		t.Fatalf("idemlint -fix exits with %d:\n%s", code, out)
	}
	if out, code := run(t, got, []string{"GOLANGCI_LINT_CACHE=" + t.TempDir()}, program, "run", "--fix", "./..."); code != 1 {
		t.Fatalf("golangci-lint run --fix exits with %d:\n%s", code, out)
	}
	changed := 0
	err := fs.WalkDir(os.DirFS(before), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" {
			return err
		}
		text := read(t, filepath.Join(want, name))
		if text != read(t, filepath.Join(before, name)) {
			changed++
		}
		if other := read(t, filepath.Join(got, name)); other != text {
			t.Errorf("golangci-lint makes of %s\n%s\nand idemlint\n%s", name, other, text)
		}
		return nil
	})
	if err != nil || changed == 0 {
		t.Errorf("%d files were mended (%v)", changed, err)
	}
}
