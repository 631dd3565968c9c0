// Package engine walks a package's functions in SSA form and makes their
// summaries: symbolic values, effects in order, the ways a call may end.
package engine

import (
	"hash/fnv"
	"path/filepath"
	"slices"

	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// rounds bounds how often the functions of a call cycle are looked at again.
const rounds = 3

// Engine analyses one package.
type Engine struct {
	Pass  *analysis.Pass
	Table *value.Table
	Index *models.Index
	// Imported are the facts of the imported packages, by package path.
	Imported map[string]*summary.Package

	prog *ssa.Program
	pkg  *ssa.Package

	own     []*function
	byFunc  map[*ssa.Function]*function
	byName  map[string]*function
	foreign map[string]*summary.Summary

	carriers map[string]bool
	fields   map[string]*value.Value
	sent     map[*value.Value]*value.Value
	impls    map[string][]string
	receipts map[string]bool
	counts   map[string]bool
	ids      map[string]bool
	// modelSums are modelled functions as summaries; alike the models behind
	// interfaces that repeat an SDK's methods; assumed what fields hold where only
	// the caller of their constructor knows.
	modelSums map[string]*summary.Summary
	alike     map[*types.Func]*models.Call
	assumed   map[string]*value.Value
	decided   map[string]bool
	methods   map[string][]string
	grounded  map[*value.Value]*value.Value
	reach     map[string]*types.Package
	depth     int
	sentinels map[*ssa.Global]bool
	// judgedHere and judgedThere are the effects of handlers, told of in this package and in
	// those it imports.
	judgedHere, judgedThere map[uint64]bool
	// handlers are the functions that directives call handlers; handlerMethods the
	// interfaces' methods that make handlers of those that implement them.
	handlers       map[*function]*handling
	handlerMethods []*models.Call
	// resolved counts the calls resolved for the function or window at hand.
	resolved int
	// turn is the turn of a loop that a duration is evaluated in.
	turn int
}

// New builds the package's SSA and an engine over it.
func New(pass *analysis.Pass, ix *models.Index, imported map[string]*summary.Package, table *value.Table) *Engine {
	e := &Engine{
		Pass: pass, Table: table, Index: ix, Imported: imported,
		byFunc: map[*ssa.Function]*function{}, byName: map[string]*function{}, foreign: map[string]*summary.Summary{},
		carriers: map[string]bool{}, fields: map[string]*value.Value{}, sent: map[*value.Value]*value.Value{},
		impls: map[string][]string{}, modelSums: map[string]*summary.Summary{}, alike: map[*types.Func]*models.Call{},
		assumed: map[string]*value.Value{}, sentinels: map[*ssa.Global]bool{},
		judgedHere: map[uint64]bool{}, judgedThere: map[uint64]bool{},
	}
	for _, path := range sortedKeys(imported) {
		p := imported[path]
		for _, s := range p.Functions {
			e.foreign[s.Name] = s
		}
		for _, c := range p.Carriers {
			e.carriers[c] = true
		}
		for _, j := range p.Judged {
			e.judgedThere[j] = true
		}
		for _, f := range p.Fields {
			e.fields[f.Name] = e.joined(e.fields[f.Name], f.Value)
		}
	}
	e.build()
	return e
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (e *Engine) joined(a, b *value.Value) *value.Value {
	if a == nil {
		return b
	}
	return e.Table.Union(a, b)
}

// build makes the SSA of this package alone; imports are known by their types.
func (e *Engine) build() {
	e.prog = ssa.NewProgram(e.Pass.Fset, ssa.InstantiateGenerics)
	// The builder asks for the packages that are imported, and for those whose
	// functions and variables are used; not for all that these import in turn.
	seen := map[*types.Package]bool{e.Pass.Pkg: true}
	create := func(p *types.Package) {
		if p != nil && !seen[p] {
			seen[p] = true
			e.prog.CreatePackage(p, nil, nil, true)
		}
	}
	for _, p := range e.Pass.Pkg.Imports() {
		create(p)
	}
	for _, obj := range e.Pass.TypesInfo.Uses {
		switch obj.(type) {
		case *types.Func, *types.Var:
			create(obj.Pkg())
		}
	}
	e.pkg = e.prog.CreatePackage(e.Pass.Pkg, e.Pass.Files, e.Pass.TypesInfo, false)
	e.pkg.Build()
	e.collect()
}

// collect lists the package's functions in source order, literals after their parents.
func (e *Engine) collect() {
	var add func(*ssa.Function)
	add = func(f *ssa.Function) {
		if f == nil || e.byFunc[f] != nil || len(f.Blocks) == 0 || e.described(f) {
			return
		}
		fn := &function{engine: e, ssa: f, name: nameOf(f)}
		e.byFunc[f] = fn
		if e.byName[fn.name] == nil {
			e.byName[fn.name] = fn
		}
		e.own = append(e.own, fn)
		for _, a := range f.AnonFuncs {
			add(a)
		}
		for _, b := range f.Blocks {
			for _, in := range b.Instrs {
				for _, op := range in.Operands(nil) {
					// Instances of generic functions and bound methods stand outside the members.
					if g, ok := (*op).(*ssa.Function); ok && g.Pkg == nil && g.Synthetic != "" && e.ours(g) {
						add(g)
					}
				}
			}
		}
	}
	names := make([]string, 0, len(e.pkg.Members))
	for n := range e.pkg.Members {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		switch m := e.pkg.Members[n].(type) {
		case *ssa.Function:
			add(m)
		case *ssa.Type:
			named, ok := types.Unalias(m.Type()).(*types.Named)
			if !ok || types.IsInterface(named) {
				continue
			}
			for i := range named.NumMethods() {
				add(e.prog.FuncValue(named.Method(i)))
			}
		}
	}
	slices.SortStableFunc(e.own, func(a, b *function) int { return int(a.ssa.Pos()) - int(b.ssa.Pos()) })
}

func (e *Engine) ours(f *ssa.Function) bool {
	o := f.Origin()
	if o == nil {
		o = f
	}
	return o.Pkg == e.pkg || o.Pkg == nil && f.Object() != nil && f.Object().Pkg() == e.Pass.Pkg
}

// nameOf is the function's name in summaries: types.Func.FullName for declared
// functions, the parent's name and a number for literals.
func nameOf(f *ssa.Function) string {
	if f.Parent() == nil {
		if obj, ok := f.Object().(*types.Func); ok && f.Synthetic == "" {
			return obj.FullName()
		}
	}
	return f.String()
}

// modelName is the key under which models know a function.
func modelName(f *ssa.Function) string {
	if obj, ok := f.Object().(*types.Func); ok {
		return obj.Origin().FullName()
	}
	return ""
}

// Pos is a place of this package without its folder.
func (e *Engine) Pos(p token.Pos) summary.Pos {
	if !p.IsValid() {
		return summary.Pos{}
	}
	at := e.Pass.Fset.PositionFor(p, false)
	return summary.Pos{Pkg: e.Pass.Pkg.Path(), File: filepath.Base(at.Filename), Line: at.Line, Col: at.Column}
}

// instance is the hash that tells one execution from another.
func instance(call uint64, inner uint64) uint64 {
	h := fnv.New64a()
	var b [16]byte
	for i := range 8 {
		b[i], b[8+i] = byte(call>>(8*i)), byte(inner>>(8*i))
	}
	h.Write(b[:])
	return h.Sum64()
}

func (e *Engine) instanceOf(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

func (e *Engine) instanceAt(p token.Pos, extra string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(e.Pos(p).String() + extra))
	return h.Sum64()
}

// Run makes all summaries.
func (e *Engine) Run() {
	e.findCarriers()
	e.findHandlers()
	order := e.relevant(e.bottomUp())
	kept := map[*function]bool{}
	for _, f := range order {
		kept[f] = true
	}
	e.own = slices.DeleteFunc(e.own, func(f *function) bool { return !kept[f] })
	for round := range rounds {
		changed := false
		for _, f := range order {
			if round > 0 && !f.dirty {
				continue
			}
			f.dirty = false
			if f.analyse() {
				changed = true
				for _, c := range f.users {
					c.dirty = true
				}
			}
		}
		if round == 0 {
			// What fields and channels hold, and what wraps a message, is known only now.
			before := len(e.carriers)
			e.observe()
			for _, f := range order {
				f.dirty = f.dirty || f.usesFields || len(e.carriers) > before
			}
			changed = true
		}
		if !changed {
			break
		}
	}
}

// Summary returns what is known of a function by name, or nil.
func (e *Engine) Summary(name string) *summary.Summary {
	if f := e.byName[name]; f != nil {
		return f.sum
	}
	return e.foreign[name]
}

// bottomUp orders callees before callers; cycles in source order.
func (e *Engine) bottomUp() []*function {
	var order []*function
	state := map[*function]int{}
	var visit func(*function)
	visit = func(f *function) {
		if state[f] != 0 {
			return
		}
		state[f] = 1
		for _, b := range f.ssa.Blocks {
			for _, in := range b.Instrs {
				for _, op := range in.Operands(nil) {
					if g, ok := (*op).(*ssa.Function); ok {
						if callee := e.resolveBound(g); callee != nil {
							callee.users = append(callee.users, f)
							visit(callee)
						}
					}
				}
			}
		}
		state[f] = 2
		order = append(order, f)
	}
	for _, f := range e.own {
		visit(f)
	}
	return order
}

// resolveBound looks through bound-method wrappers and thunks to the method itself.
func (e *Engine) resolveBound(g *ssa.Function) *function {
	if f := e.byFunc[g]; f != nil {
		return f
	}
	if obj, ok := g.Object().(*types.Func); ok {
		if f := e.byName[obj.FullName()]; f != nil {
			return f
		}
	}
	return nil
}
