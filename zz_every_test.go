package idemlint_test

import (
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/checkertest"
	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

var ungated = &analysis.Analyzer{
	Name: "ungated", Doc: "the engine over everything",
	FactTypes:  []analysis.Fact{new(summary.Fact)},
	ResultType: reflect.TypeFor[int](),
	Run: func(pass *analysis.Pass) (r any, err error) {
		start := time.Now()
		defer func() {
			if e := recover(); e != nil {
				fmt.Printf("PANIC %s: %v\n%s\n", pass.Pkg.Path(), e, debug.Stack())
			}
			if d := time.Since(start); d > time.Second {
				fmt.Println("SLOW", pass.Pkg.Path(), d)
			}
			r, err = 0, nil
		}()
		table := value.NewTable()
		imported := map[string]*summary.Package{}
		for _, p := range pass.Pkg.Imports() {
			var f summary.Fact
			if !pass.ImportPackageFact(p, &f) {
				continue
			}
			d, err := f.Decode(table)
			if err != nil {
				return nil, err
			}
			imported[p.Path()] = d
		}
		e := engine.New(pass, models.NewIndex(models.All()), imported, table)
		e.Run()
		e.Windows()
		f := summary.Encode(e.Package())
		if len(f.Data) > 200000 {
			fmt.Println("BIG", pass.Pkg.Path(), len(f.Data))
		}
		pass.ExportPackageFact(f)
		return 0, nil
	},
}

func TestZZ(t *testing.T) {
	v := strings.Fields(os.Getenv("ZZ"))
	start := time.Now()
	pkgs, err := checkertest.Load(v[0], []string{"GOWORK=off"}, v[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("loaded", len(pkgs), time.Since(start))
	_, err = checkertest.Analyze(pkgs, ungated)
	fmt.Println("done", time.Since(start), err)
}
