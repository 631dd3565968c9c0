package testdata_test

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/xeipuuv/gojsonschema"
)

// TestSARIF validates what the command writes against the official schema of SARIF
// 2.1.0: the log of the demo, which has findings, one without findings, and one of a
// package that does not compile.
func TestSARIF(t *testing.T) {
	schema, err := gojsonschema.NewSchema(gojsonschema.NewStringLoader(officialSchema(t)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		patterns []string
		code     int
		results  int
	}{
		{"the demo", []string{"./demo"}, 1, 4},
		{"a package that is not there", []string{"./demo/nothing", "errors"}, 2, 0},
		{"no findings", []string{"errors"}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			log, code := lint(t, append([]string{"-f", "sarif"}, c.patterns...)...)
			if code != c.code {
				t.Errorf("exit %d, want %d", code, c.code)
			}
			result, err := schema.Validate(gojsonschema.NewBytesLoader(log))
			if err != nil {
				t.Fatalf("%v\n%s", err, log)
			}
			for _, e := range result.Errors() {
				t.Error(e)
			}
			read, err := sarif.FromBytes(log)
			if err != nil || len(read.Runs) != 1 || len(read.Runs[0].Results) != c.results {
				t.Fatalf("read as %v, %v; want one run with %d results", read, err, c.results)
			}
			for _, r := range read.Runs[0].Results {
				rule := read.Runs[0].Tool.Driver.Rules[r.RuleIndex]
				if *rule.ID != *r.RuleID || len(r.CodeFlows) != 1 || r.PartialFingerprints["idemlintFinding/v1"] == "" {
					t.Errorf("%s: rule %s, %d code flows, fingerprints %v", *r.RuleID, *rule.ID, len(r.CodeFlows), r.PartialFingerprints)
				}
			}
		})
	}
	// The samples of internal/output have what the demo has not: fixes, notifications,
	// files outside the repository.
	samples, err := filepath.Glob("../internal/output/testdata/*.sarif")
	if err != nil || len(samples) != 2 {
		t.Fatalf("%d samples, %v; want 2", len(samples), err)
	}
	for _, name := range samples {
		log, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		result, err := schema.Validate(gojsonschema.NewBytesLoader(log))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range result.Errors() {
			t.Errorf("%s: %s", name, e)
		}
	}
	// A schema that takes everything would prove nothing.
	if result, err := schema.Validate(gojsonschema.NewStringLoader(`{"version": "2.1.0", "runs": [{"results": []}]}`)); err != nil || result.Valid() {
		t.Errorf("a run without a tool is valid (%v)", err)
	}
}

// lint runs the command here.
func lint(t *testing.T, args ...string) (stdout []byte, code int) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "idemlint")
	build := exec.Command("go", "build", "-o", program, "github.com/idemlint/idemlint/cmd/idemlint")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.Bytes(), cmd.ProcessState.ExitCode()
}

// officialSchema is the schema as OASIS publishes it. The library carries it in a
// constant that it does not export.
func officialSchema(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(out)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && text == "" {
			text, err = strconv.Unquote(lit.Value)
		}
		return true
	})
	if err != nil || !strings.Contains(text, "/sarif-schema-2.1.0.json") {
		t.Fatalf("no schema in %s: %v", file.Name, err)
	}
	return text
}
