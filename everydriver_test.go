package idemlint_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/idemlint/idemlint/internal/checkertest"
)

// The cases for every driver: the demo, and handlers whose store or queue stands in
// another package, at each of the checks. (TestDrivers and, in the long form, TestNogo take
// the whole corpus, through the drivers that are quick.)
var handful = []string{
	"./demo", "./handlers/etag/orders/...", "./handlers/etag/orderscas/...", "./handlers/etag/roster/...",
	"./handlers/blobwrite/weather/...", "./handlers/blobwrite/sessions/...", "./handlers/missingdelete/inhousequeue/...",
	"./handlers/missingdelete/genericwrapper/...", "./handlers/visibility/bareclient/...", "./handlers/visibility/wrapperlease/...",
	"./handlers/freshkey/charge", "./handlers/freshkey/genericput/...", "./handlers/deleteonerror/badjson", "./handlers/earlydelete/ackfirst",
	"./handlers/increment/balance", "./handlers/unseen/c05stockreserve/...",
}

// TestEveryDriver: the same findings, whoever runs the checks. golangci-lint and gopls
// take minutes to build: they take part where IDEMLINT_GOLANGCI and IDEMLINT_GOPLS name
// the programs.
func TestEveryDriver(t *testing.T) {
	want, err := runJSON(nil, handful...)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(want, compare)
	if len(want) < 15 {
		t.Errorf("only %d findings are compared", len(want))
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "driver\tfindings\tmissing\tmore\ttime\t\nidemlint\t%d\t\t\t\t\n", len(want))
	for _, d := range []struct {
		name, program string
		run           func(t *testing.T, program string) []found
	}{
		{"go vet", command, func(t *testing.T, _ string) []found { return vet(t, salted(t), nil, handful...) }},
		{"x/tools' checker", command, checkHandful},
		{"nogo's way", command, func(t *testing.T, _ string) []found { return nogo(t, handful...) }},
		{"golangci-lint", os.Getenv("IDEMLINT_GOLANGCI"), golangciHandful},
		{"gopls", os.Getenv("IDEMLINT_GOPLS"), goplsHandful},
	} {
		if d.program == "" {
			fmt.Fprintf(table, "%s\tnot given\t\t\t\t\n", d.name)
			continue
		}
		start := time.Now()
		got := d.run(t, d.program)
		took := time.Since(start)
		slices.SortFunc(got, compare)
		missing, more := without(want, got), without(got, want)
		for _, f := range missing {
			t.Errorf("%s does not find %v", d.name, f)
		}
		for _, f := range more {
			t.Errorf("%s finds also %v", d.name, f)
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%.1fs\t\n", d.name, len(got), len(missing), len(more), took.Seconds())
	}
	if err := table.Flush(); err != nil {
		t.Error(err)
	}
	t.Logf("the handful in every driver:\n%s", b.String())
}

func checkHandful(t *testing.T, _ string) []found {
	t.Helper()
	pkgs, err := checkertest.Load(corpus, nil, handful...)
	if err != nil {
		t.Fatal(err)
	}
	return check(t, pkgs)
}

// The plugin puts the places that take part into the text, and golangci-lint the
// check's name before it.
var (
	placesInText = regexp.MustCompile(`; where: .*?; schedule: `)
	checkBefore  = regexp.MustCompile(`^[a-z]+: `)
)

func golangciHandful(t *testing.T, program string) (list []found) {
	t.Helper()
	config, err := filepath.Abs("plugin/testdata/golangci.yml")
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"run", "--config=" + config, "--path-mode=abs", "--show-stats=false", "--output.json.path=stdout"}, handful...)
	stdout, stderr, code, err := call(corpus, []string{"GOLANGCI_LINT_CACHE=" + t.TempDir()}, program, args...)
	var answer struct {
		Issues []struct {
			Text string
			Pos  struct {
				Filename     string
				Line, Column int
			}
		}
	}
	if err != nil || code != 1 || json.Unmarshal([]byte(stdout), &answer) != nil {
		t.Fatalf("golangci-lint exits with %d (%v):\n%s%s", code, err, stdout, stderr)
	}
	for _, i := range answer.Issues {
		text := placesInText.ReplaceAllString(checkBefore.ReplaceAllString(i.Text, ""), "; schedule: ")
		list = append(list, found{relative(t, i.Pos.Filename), i.Pos.Line, i.Pos.Column, text})
	}
	return list
}

var (
	goplsLine   = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))?(?:-[\d:]+)?: (.*)$`) // without a column: the first
	ofASchedule = regexp.MustCompile(`; schedule: .* \([a-z]+\)$`)
)

// goplsHandful reads what gopls says of each file; its own analyzers and the places
// that take part, which follow a finding, are left out. It works on a copy: a module
// in a folder named testdata is empty to gopls.
func goplsHandful(t *testing.T, program string) (list []found) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, pattern := range handful {
		folder := strings.TrimSuffix(pattern, "/...")
		if err := os.CopyFS(filepath.Join(dir, folder), os.DirFS(filepath.Join(corpus, folder))); err != nil {
			t.Fatal(err)
		}
	}
	if err := copyModule(dir); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code, err := call(dir, []string{"GOWORK=off"}, "go", append([]string{"list", "-f", "{{range .GoFiles}}{{$.Dir}}/{{.}}\n{{end}}"}, handful...)...)
	if err != nil || code != 0 {
		t.Fatalf("go list: %v\n%s", err, stderr)
	}
	env := []string{"GOPLSCACHE=" + t.TempDir(), "GOWORK=off"}
	stdout, stderr, code, err = call(dir, env, program, append([]string{"check"}, strings.Fields(stdout)...)...)
	if err != nil || code != 0 {
		t.Fatalf("gopls exits with %d (%v):\n%s%s", code, err, stdout, stderr)
	}
	for line := range strings.Lines(stdout) {
		m := goplsLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Errorf("gopls says: %s", line)
			continue
		}
		if ofASchedule.MatchString(m[4]) {
			n, _ := strconv.Atoi(m[2])
			col := 1
			if m[3] != "" {
				col, _ = strconv.Atoi(m[3])
			}
			list = append(list, found{strings.TrimPrefix(filepath.ToSlash(m[1]), filepath.ToSlash(dir)+"/"), n, col, m[4]})
		}
	}
	return list
}

// copyModule copies go.mod and go.sum of the corpus, without the modules that lie beside
// it: the handlers do not import them.
func copyModule(dir string) error {
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(corpus, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			return err
		}
	}
	args := []string{"mod", "edit"}
	for _, name := range []string{"github.com/idemlint/idemlint", "github.com/idemlint/idemlint/runtime"} {
		args = append(args, "-droprequire="+name, "-dropreplace="+name)
	}
	if _, stderr, code, err := call(dir, nil, "go", args...); err != nil || code != 0 {
		return fmt.Errorf("go %q: %v\n%s", args, err, stderr)
	}
	return nil
}
