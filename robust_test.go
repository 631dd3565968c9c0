package idemlint_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/idemlint/idemlint/internal/checkertest"
	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

const azure = "github.com/Azure/azure-sdk-for-go/sdk/"

// foreign is code that was not written for idemlint. Modules come from the module
// cache, in the versions that testdata requires, as main modules of their own:
// there the gate lets them through.
var foreign = []struct {
	module string // "" for the standard library
	short  []string
	long   string
}{
	{"", []string{"bytes", "encoding/json", "fmt", "strconv"}, "std"},
	{"golang.org/x/tools", []string{"./go/analysis/...", "./go/packages/..."}, "./..."},
	{azure + "storage/azqueue/v2", []string{"./..."}, "./..."},
	{azure + "storage/azblob", []string{"./..."}, "./..."},
	{azure + "data/aztables", []string{"./..."}, "./..."},
	{azure + "data/azcosmos", []string{"./..."}, "./..."},
	{azure + "messaging/azservicebus", []string{"./..."}, "./..."},
}

// source is the directory of a module's writable copy, or of the standard library.
func source(t testing.TB, module string) (dir string, env []string) {
	t.Helper()
	env = []string{"GOWORK=off", "GOFLAGS=-mod=mod"}
	if module == "" {
		stdout, stderr, _, _ := call(".", nil, "go", "env", "GOROOT")
		if stderr != "" {
			t.Fatal(stderr)
		}
		return filepath.Join(strings.TrimSpace(stdout), "src"), []string{"GOWORK=off", "GOFLAGS="}
	}
	cmd := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module)
	cmd.Dir = corpus
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("where is %s? %v", module, err)
	}
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(strings.TrimSpace(string(out)))); err != nil {
		t.Fatal(err)
	}
	// The cache is read-only; the go command writes go.sum.
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir, env
}

// TestForeignCode: the command has nothing to say about code that handles no messages,
// be it without any queue or a queue's own SDK.
func TestForeignCode(t *testing.T) {
	for _, f := range foreign {
		t.Run(cmp.Or(f.module, "std"), func(t *testing.T) {
			dir, env := source(t, f.module)
			patterns := f.short
			if long() {
				patterns = []string{f.long}
			}
			stdout, stderr, code, err := call(dir, env, command, patterns...)
			if err != nil || code != 0 || stdout != "" || stderr != "" {
				t.Errorf("exit %d (%v), findings\n%s\nerrors\n%s", code, err, stdout, stderr)
			}
		})
	}
}

// patience is how long the engine may take for one package of any size, and waiting how
// long for all.
const patience, waiting = 60 * time.Second, 4 * time.Minute

// TestEngineWithoutGate lets the engine analyse what the gate would keep from it: it
// must come to an end with any Go code, without panicking, and its fact be readable.
func TestEngineWithoutGate(t *testing.T) {
	for _, f := range foreign {
		t.Run(cmp.Or(f.module, "std"), func(t *testing.T) {
			dir, env := source(t, f.module)
			patterns := f.short
			if long() {
				patterns = []string{f.long}
			}
			pkgs, err := checkertest.Load(dir, env, patterns...)
			if err != nil {
				t.Fatal(err)
			}
			roots := analyze(t, pkgs)
			slices.SortFunc(roots, func(a, b *checker.Action) int { return int(b.Result.(*cost).took - a.Result.(*cost).took) })
			for i, act := range roots {
				c := act.Result.(*cost)
				if c.panicked != "" {
					t.Errorf("package %s: %s", act.Package.PkgPath, c.panicked)
				}
				if c.took > patience {
					t.Errorf("package %s took %v", act.Package.PkgPath, c.took)
				}
				if i < 5 {
					t.Logf("%8v %7d bytes of facts  %s", c.took.Round(time.Millisecond), c.bytes, act.Package.PkgPath)
				}
			}
		})
	}
}

// analyze runs the engine over the packages but does not wait for ever.
func analyze(t *testing.T, pkgs []*packages.Package) []*checker.Action {
	t.Helper()
	type answer struct {
		graph *checker.Graph
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		graph, err := checkertest.Analyze(pkgs, ungated)
		done <- answer{graph, err}
	}()
	select {
	case a := <-done:
		if a.err != nil {
			t.Fatal(a.err)
		}
		return a.graph.Roots
	case <-time.After(waiting):
		var list []string
		running.Range(func(path, since any) bool {
			list = append(list, fmt.Sprintf("%v (for %v)", path, time.Since(since.(time.Time)).Round(time.Second)))
			return true
		})
		t.Fatalf("after %v the engine still analyses %v", waiting, list)
	}
	return nil
}

// running are the packages that the engine analyses now, with the time it began.
var running sync.Map

// cost is what analysing one package took.
type cost struct {
	took     time.Duration
	bytes    int
	panicked string
}

// ungated is the window pass without its gate and without what it makes for checks.
var ungated = &analysis.Analyzer{
	Name: "ungated", Doc: "the engine over everything",
	FactTypes:  []analysis.Fact{new(summary.Fact)},
	ResultType: reflect.TypeFor[*cost](),
	Run: func(pass *analysis.Pass) (_ any, err error) {
		c := &cost{}
		start := time.Now()
		running.Store(pass.Pkg.Path(), start)
		defer func() {
			running.Delete(pass.Pkg.Path())
			if r := recover(); r != nil {
				c.panicked = fmt.Sprintf("%v\n%s", r, debug.Stack())
			}
			c.took = time.Since(start)
		}()
		return c, throughEngine(pass, c)
	},
}

func throughEngine(pass *analysis.Pass, c *cost) error {
	table := value.NewTable()
	imported := map[string]*summary.Package{}
	for _, p := range pass.Pkg.Imports() {
		var f summary.Fact
		if !pass.ImportPackageFact(p, &f) {
			continue
		}
		decoded, err := f.Decode(table)
		if err != nil {
			return err
		}
		imported[p.Path()] = decoded
	}
	e := engine.New(pass, models.NewIndex(models.All()), imported, table)
	e.Run()
	e.Windows()
	f := summary.Encode(e.Package())
	c.bytes = len(f.Data)
	pass.ExportPackageFact(f)
	return nil
}
