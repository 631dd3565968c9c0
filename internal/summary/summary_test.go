package summary_test

import (
	"bytes"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/idemlint/idemlint/internal/checkertest"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// budget is how large a package's fact may be: facts are read again for every package
// that imports it.
const budget = 256 << 10

// handlers are the facts of the packages in testdata, by path.
var handlers = sync.OnceValues(func() (map[string]*summary.Fact, error) {
	pkgs, err := checkertest.Load("../../testdata", nil, "./handlers/...", "./queues/directives/...")
	if err != nil {
		return nil, err
	}
	graph, err := checkertest.Analyze(pkgs, window.Analyzer)
	if err != nil {
		return nil, err
	}
	facts := map[string]*summary.Fact{}
	for _, act := range graph.Roots {
		for _, f := range act.AllPackageFacts() {
			facts[f.Package.Path()] = f.Fact.(*summary.Fact)
		}
	}
	return facts, nil
})

// real returns the facts and how many there are at least.
func real(t testing.TB) map[string]*summary.Fact {
	t.Helper()
	facts, err := handlers()
	if err != nil {
		t.Fatal(err)
	}
	if len(facts) < 100 {
		t.Fatalf("only %d packages have facts", len(facts))
	}
	return facts
}

// TestRoundTrip: what is read of a fact is all that was written, so that writing it
// again gives the same bytes, in whatever table its values are interned.
func TestRoundTrip(t *testing.T) {
	shared := value.NewTable() // as in a package that imports them all
	for path, f := range real(t) {
		for name, table := range map[string]*value.Table{"a table of its own": value.NewTable(), "a table with other facts": shared} {
			p, err := f.Decode(table)
			if err != nil {
				t.Errorf("%s, in %s: %v", path, name, err)
				continue
			}
			if p.Path != path {
				t.Errorf("the fact of %s says it is %s's", path, p.Path)
			}
			if again := summary.Encode(p); !bytes.Equal(again.Data, f.Data) {
				t.Errorf("%s, in %s: %d bytes became %d, or others", path, name, len(f.Data), len(again.Data))
			}
		}
	}
}

// TestEveryField: nothing of a summary gets lost. (A field added to the structs but not
// to the codec is not seen by a round trip of bytes.)
func TestEveryField(t *testing.T) {
	tab := value.NewTable()
	p := &summary.Package{}
	fill(t, tab, p)
	got, err := summary.Encode(p).Decode(tab)
	if err != nil {
		t.Fatal(err)
	}
	if diff := different(got, p); diff != "" {
		t.Errorf("after encoding and decoding it differs: %s", diff)
	}
}

// TestNoPaths: a fact says the same on every machine.
func TestNoPaths(t *testing.T) {
	here, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{here, build.Default.GOROOT, build.Default.GOPATH, os.TempDir() + "/", "../"}
	for pkg, f := range real(t) {
		for _, p := range paths {
			if bytes.Contains(f.Data, []byte(p)) {
				t.Errorf("the fact of %s contains the path %s", pkg, p)
			}
		}
		decoded, err := f.Decode(value.NewTable())
		if err != nil {
			t.Fatal(err)
		}
		for _, fn := range decoded.Functions {
			for _, e := range fn.Effects {
				for _, at := range append(slices.Clone(e.Chain), e.Pos) {
					if !at.Valid() || strings.ContainsAny(at.File, `/\`) || at.Pkg == "" {
						t.Errorf("%s: %s has an effect at %+v", pkg, fn.Name, at)
					}
				}
			}
		}
	}
}

// TestSorted: functions come by name, each once; the order of maps must not show.
func TestSorted(t *testing.T) {
	for pkg, f := range real(t) {
		p, err := f.Decode(value.NewTable())
		if err != nil {
			t.Fatal(err)
		}
		var names, fields []string
		for _, fn := range p.Functions {
			names = append(names, fn.Name)
		}
		for _, x := range p.Fields {
			fields = append(fields, x.Name)
		}
		var calls, messages []string
		for _, c := range p.Calls {
			calls = append(calls, c.Func)
		}
		for _, m := range p.Messages {
			messages = append(messages, m.Type)
		}
		for what, list := range map[string][]string{"functions": names, "fields": fields, "carriers": p.Carriers, "calls": calls, "messages": messages} {
			if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
				t.Errorf("%s: the %s are %q", pkg, what, list)
			}
		}
	}
}

// TestBudget tells how large facts are.
func TestBudget(t *testing.T) {
	sum, largest, whose := 0, 0, ""
	facts := real(t)
	for pkg, f := range facts {
		n := len(f.Data)
		sum += n
		if n > largest || n == largest && pkg < whose {
			largest, whose = n, pkg
		}
		if n > budget {
			t.Errorf("the fact of %s has %d bytes, more than %d", pkg, n, budget)
		}
	}
	t.Logf("%d facts, %d bytes on average, the largest %d of %s", len(facts), sum/len(facts), largest, whose)
}

// TestSaid: what directives say travels to those that import the package, and on to those
// that import these.
func TestSaid(t *testing.T) {
	const directives = "github.com/idemlint/idemlint/testdata/queues/directives/"
	facts := real(t)
	for pkg, want := range map[string]string{
		"linecounter/lineq":  "(*" + directives + "linecounter/lineq.Client).Take",
		"linecounter/worker": "(" + directives + "linecounter/kv.Store).Set",
		"pump/consumer":      "(" + directives + "pump/mq.Worker).Work",
	} {
		f := facts[directives+pkg]
		if f == nil {
			t.Errorf("%s has no fact", pkg)
			continue
		}
		p, err := f.Decode(value.NewTable())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(p.Calls, func(c models.Call) bool { return c.Func == want && c.Said }) {
			t.Errorf("the fact of %s does not say what %s does", pkg, want)
		}
	}
}

// TestSaidAgain: what directives say is in the facts in the same bytes, run after run.
func TestSaidAgain(t *testing.T) {
	run := func() map[string][]byte {
		pkgs, err := checkertest.Load("../../testdata", nil, "./queues/directives/...")
		if err != nil {
			t.Fatal(err)
		}
		graph, err := checkertest.Analyze(pkgs, window.Analyzer)
		if err != nil {
			t.Fatal(err)
		}
		facts := map[string][]byte{}
		for _, act := range graph.Roots {
			for _, f := range act.AllPackageFacts() {
				facts[f.Package.Path()] = f.Fact.(*summary.Fact).Data
			}
		}
		return facts
	}
	first := run()
	if len(first) < 20 {
		t.Fatalf("only %d packages have facts", len(first))
	}
	for range 3 {
		for pkg, data := range run() {
			if !bytes.Equal(data, first[pkg]) {
				t.Errorf("the fact of %s has %d bytes and then %d, or others", pkg, len(first[pkg]), len(data))
			}
		}
	}
}
