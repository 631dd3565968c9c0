package testdata_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/idemlint/idemlint/models"
	"golang.org/x/tools/go/packages"
)

// setDefaults says in which package each retry policy's defaults are set, by a function
// of that name.
var setDefaults = map[string]string{
	sdk + "azcore/policy.RetryOptions":                            sdk + "azcore/runtime",
	sdk + "messaging/azservicebus/internal/exported.RetryOptions": sdk + "messaging/azservicebus/internal/utils",
}

// TestRetryDefaults reads the defaults in the SDK's source: types do not tell them.
func TestRetryDefaults(t *testing.T) {
	for _, m := range models.All() {
		for _, r := range m.Retries {
			pkg := setDefaults[r.Type]
			if pkg == "" {
				t.Errorf("%s: where are its defaults set?", r.Type)
				continue
			}
			got := assigned(t, pkg, "setDefaults")
			for field, want := range map[string]string{
				r.MaxRetries:    strconv.Itoa(r.DefaultMaxRetries),
				r.RetryDelay:    r.DefaultRetryDelay.String(),
				r.MaxRetryDelay: r.DefaultMaxRetryDelay.String(),
			} {
				if got[field] != want {
					t.Errorf("%s.%s: the SDK's default is %q, the model's %q", r.Type, field, got[field], want)
				}
			}
			// No default is set where the model says that there is none.
			if r.TryTimeout != "" && r.DefaultTryTimeout == 0 && got[r.TryTimeout] != "" {
				t.Errorf("%s.%s has the default %s", r.Type, r.TryTimeout, got[r.TryTimeout])
			}
		}
	}
}

var (
	assignment = regexp.MustCompile(`(?m)^\s*o\.(\w+) = (\w+)(?: \* time\.(\w+))?$`)
	plainConst = regexp.MustCompile(`(?m)^\s*(\w+)\s*=\s*(\d+)$`)
)

// assigned lists what a function first assigns to each field of its parameter o: in
// both SDKs that is the default, which stands in the branch for the zero value.
func assigned(t *testing.T, pkg, function string) map[string]string {
	t.Helper()
	values := map[string]string{}
	constants := map[string]string{}
	var body string
	for name, src := range sources(t, pkg) {
		for _, m := range plainConst.FindAllStringSubmatch(src, -1) {
			constants[m[1]] = m[2]
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == function {
				body = src[fset.Position(f.Pos()).Offset:fset.Position(f.End()).Offset]
			}
		}
	}
	if body == "" {
		t.Fatalf("no function %s in %s", function, pkg)
	}
	units := map[string]time.Duration{"Second": time.Second, "Millisecond": time.Millisecond}
	for _, m := range assignment.FindAllStringSubmatch(body, -1) {
		field, value, unit := m[1], m[2], units[m[3]]
		if c := constants[value]; c != "" {
			value = c
		}
		if _, seen := values[field]; seen {
			continue
		}
		if n, err := strconv.Atoi(value); err == nil && unit != 0 {
			value = (time.Duration(n) * unit).String()
		}
		values[field] = value
	}
	return values
}

// sources reads the non-test files of a package.
func sources(t *testing.T, pkg string) map[string]string {
	t.Helper()
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedFiles}, pkg)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, p := range pkgs {
		for _, name := range p.GoFiles {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = string(src)
		}
	}
	if len(files) == 0 {
		t.Fatalf("no files in %s", pkg)
	}
	return files
}

// TestVisibilityDefault: the lease that a dequeue takes unless told otherwise is the
// service's, and stands in the documentation of the plural's options alone. (That of
// DequeueMessageOptions says 0; but both send nothing, and the service then takes 30.)
func TestVisibilityDefault(t *testing.T) {
	ix := models.NewIndex(models.All())
	for _, pkg := range []string{sdk + "storage/azqueue", sdk + "storage/azqueue/v2"} {
		lease := ix.Call("(*" + pkg + ".QueueClient).DequeueMessages").Lease
		if one := ix.Call("(*" + pkg + ".QueueClient).DequeueMessage").Lease; one != lease {
			t.Errorf("%s: one message is leased for %v, several for %v", pkg, one, lease)
		}
		want := "the default value is " + strconv.Itoa(int(lease.Default/lease.Unit)) + "."
		found := false
		for _, src := range sources(t, pkg) {
			if _, after, ok := strings.Cut(src, "type DequeueMessagesOptions struct {"); ok {
				options, _, _ := strings.Cut(after, "\n}")
				found = true
				if !strings.Contains(options, want) {
					t.Errorf("%s.DequeueMessagesOptions does not say %q:%s", pkg, want, options)
				}
			}
		}
		if !found {
			t.Errorf("%s: DequeueMessagesOptions is gone", pkg)
		}
	}
}
