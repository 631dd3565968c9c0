// Package window finds the windows of a package, the code that runs between
// receiving a message and settling it, and what happens in them. The checks
// require it and ask its result.
package window

import (
	"go/token"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/directive"
	"github.com/idemlint/idemlint/internal/engine"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/gate"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Analyzer is the shared pass. It builds SSA itself, and only for packages that
// pass the gate; what it learns of a package's functions travels as one fact.
var Analyzer = &analysis.Analyzer{
	Name:       "window",
	Doc:        "find the windows between receiving and settling a message\n\nThe checks of idemlint ask its result; it reports nothing itself.",
	Run:        run,
	Requires:   []*analysis.Analyzer{directive.Analyzer},
	FactTypes:  []analysis.Fact{new(summary.Fact)},
	ResultType: reflect.TypeFor[*Result](),
}

// Result is what the checks ask.
type Result struct {
	// Windows are those of this package, in the order of its source.
	Windows []*Window
	// Directives are the package's comments to idemlint.
	Directives *directive.Set
	// Coverage tells what was understood.
	Coverage finding.Coverage

	pass   *analysis.Pass
	engine *engine.Engine
	// filesMu guards files and wholes.
	filesMu sync.Mutex
	files   map[[2]string]*token.File
	wholes  map[*token.File]*token.File
	// index is that of all models and of the directives in reach; identity and delivery
	// are the fields by which its messages are known, or which change with each delivery.
	index              *models.Index
	identity, delivery map[string]bool
}

// sdks is the index of all models.
var sdks = models.NewIndex(models.All())

func run(pass *analysis.Pass) (any, error) {
	r := &Result{pass: pass, Directives: pass.ResultOf[directive.Analyzer].(*directive.Set)}
	r.Coverage.Problems = r.Directives.Problems
	hasFact := func(p *types.Package) bool { return pass.ImportPackageFact(p, new(summary.Fact)) }
	says := len(r.Directives.Calls)+len(r.Directives.Messages) > 0
	if !gate.Open(pass, sdks, hasFact, says) {
		return r, nil
	}
	table := value.NewTable()
	imported := map[string]*summary.Package{}
	for _, p := range pass.Pkg.Imports() {
		var f summary.Fact
		if !pass.ImportPackageFact(p, &f) {
			continue
		}
		decoded, err := f.Decode(table)
		if err != nil {
			return nil, err
		}
		imported[p.Path()] = decoded
	}
	r.know(overlay(r.Directives, imported))
	e := engine.New(pass, r.index, imported, table)
	e.Run()
	r.engine = e
	for _, w := range e.Windows() {
		if v := (&Window{Window: w, result: r}); !v.volatile() {
			r.Windows = append(r.Windows, v)
		}
	}
	r.cover()
	if p := e.Package(); !p.Empty() {
		pass.ExportPackageFact(summary.Encode(p))
	}
	return r, nil
}

// overlay is the index of all models with what directives say, here and in the imports.
func overlay(said *directive.Set, imported map[string]*summary.Package) *models.Index {
	var calls []models.Call
	var messages []models.Message
	for _, path := range slices.Sorted(maps.Keys(imported)) {
		calls = append(calls, imported[path].Calls...)
		messages = append(messages, imported[path].Messages...)
	}
	return sdks.Over(append(calls, said.Calls...), append(messages, said.Messages...))
}

// know sets the index. It is asked by several checks at once and changes no more.
func (r *Result) know(ix *models.Index) {
	r.index, r.identity, r.delivery = ix, map[string]bool{}, map[string]bool{}
	for _, m := range ix.Messages() {
		for _, f := range m.Identity {
			r.identity[f] = true
		}
		for _, f := range m.Delivery {
			r.delivery[f] = true
		}
	}
}

// Index is the index of all models.
func Index() *models.Index { return sdks }

// Pos is the position of a place, in this package or in one it imports; of other
// packages only the line is known under every driver.
func (r *Result) Pos(p summary.Pos) token.Pos {
	// The checks of a package run at the same time.
	r.filesMu.Lock()
	defer r.filesMu.Unlock()
	f := r.file(p.Pkg, p.File)
	if f != nil && p.Line > f.LineCount() && !r.Local(p) {
		f = r.whole(f)
	}
	if f == nil || p.Line < 1 || p.Line > f.LineCount() {
		return token.NoPos
	}
	start := f.LineStart(p.Line)
	if p.Pkg != r.pass.Pkg.Path() {
		return start
	}
	at := start + token.Pos(p.Col-1)
	if int(at) > f.Base()+f.Size() {
		return start
	}
	return at
}

// mostLines is how many lines a file may have that is known by export data alone.
const mostLines = 1 << 16

var lines = func() []int {
	list := make([]int, mostLines)
	for i := range list {
		list[i] = i
	}
	return list
}()

// whole stands for a file of another package that is known by its export data: there
// it ends with its last exported declaration, and the place may lie below.
func (r *Result) whole(f *token.File) *token.File {
	if r.wholes == nil {
		r.wholes = map[*token.File]*token.File{}
	}
	if r.wholes[f] == nil {
		g := r.pass.Fset.AddFile(f.Name(), -1, mostLines)
		g.SetLines(lines)
		r.wholes[f] = g
	}
	return r.wholes[f]
}

// Local reports whether the place is in this package.
func (r *Result) Local(p summary.Pos) bool { return p.Pkg == r.pass.Pkg.Path() }

// file finds a file of this package, or of one it imports by way of what it declares.
func (r *Result) file(pkg, name string) *token.File {
	if r.files == nil {
		r.files = map[[2]string]*token.File{}
		for _, f := range r.pass.Files {
			r.addFile(r.pass.Pkg.Path(), f.FileStart)
		}
	}
	key := [2]string{pkg, name}
	if f, ok := r.files[key]; ok {
		return f
	}
	r.files[key] = nil
	if p := r.imported(pkg); p != nil {
		for _, n := range p.Scope().Names() {
			obj := p.Scope().Lookup(n)
			r.addFile(pkg, obj.Pos())
			if named, ok := types.Unalias(obj.Type()).(*types.Named); ok {
				for i := range named.NumMethods() {
					r.addFile(pkg, named.Method(i).Pos())
				}
			}
		}
	}
	return r.files[key]
}

func (r *Result) addFile(pkg string, pos token.Pos) {
	if f := r.pass.Fset.File(pos); f != nil {
		if key := [2]string{pkg, base(f.Name())}; r.files[key] == nil {
			r.files[key] = f
		}
	}
}

// imported finds a package among the imports, and theirs.
func (r *Result) imported(path string) *types.Package {
	seen := map[*types.Package]bool{r.pass.Pkg: true}
	work := slices.Clone(r.pass.Pkg.Imports())
	for len(work) > 0 {
		p := work[0]
		work = work[1:]
		if p.Path() == path {
			return p
		}
		if !seen[p] {
			seen[p] = true
			work = append(work, p.Imports()...)
		}
	}
	return nil
}

func base(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' || path[i] == '\\' {
			return path[i+1:]
		}
	}
	return path
}
