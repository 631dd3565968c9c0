package engine

import (
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
)

// Package is what importers learn.
func (e *Engine) Package() *summary.Package {
	p := &summary.Package{Path: e.Pass.Pkg.Path(), Carriers: e.Carriers()}
	if e.Pass.Pkg.Name() == "main" {
		return p
	}
	p.Calls, p.Messages = e.Index.Said()
	for _, name := range sortedKeys(e.fields) {
		i := strings.LastIndexByte(name, '.')
		owner := name[:i]
		if j := strings.LastIndexByte(owner, '.'); j > strings.LastIndexByte(owner, '/') {
			owner = owner[:j]
		}
		if owner == p.Path || e.Imported[owner] != nil {
			p.Fields = append(p.Fields, summary.Field{Name: name, Value: e.fields[name]})
		}
	}
	want := map[string]bool{}
	for _, f := range e.own {
		if f.sum != nil && f.visible() && !f.sum.Trivial() {
			e.need(f.name, want)
		}
	}
	for _, x := range p.Fields {
		e.needValue(x.Value, want)
	}
	for j := range e.judgedHere {
		p.Judged = append(p.Judged, j)
	}
	slices.Sort(p.Judged)
	for _, name := range sortedKeys(want) {
		if s := e.Summary(name); s != nil {
			p.Functions = append(p.Functions, e.export(s))
		}
	}
	return p
}

// visible reports whether other packages can call the function.
func (f *function) visible() bool {
	if f.ssa.Parent() != nil || f.ssa.Object() == nil {
		return false
	}
	return f.ssa.Signature.Recv() != nil || f.ssa.Object().Exported()
}

// need adds a function and the functions that its values name.
func (e *Engine) need(name string, want map[string]bool) {
	s := e.Summary(name)
	if s == nil || want[name] || len(want) > 4000 {
		return
	}
	want[name] = true
	for _, v := range s.Results {
		e.needValue(v, want)
	}
	for i := range s.Effects {
		e.needValue(s.Effects[i].Slots[summary.Callee], want)
		e.needValue(s.Effects[i].Slots[summary.Args], want)
	}
	for _, w := range s.Windows {
		for i := range w.Effects {
			e.needValue(w.Effects[i].Slots[summary.Callee], want)
			e.needValue(w.Effects[i].Slots[summary.Args], want)
		}
	}
}

func (e *Engine) needValue(v *value.Value, want map[string]bool) {
	value.Walk(v, func(x *value.Value) bool {
		switch x.Kind {
		case value.Func, value.Closure:
			e.need(x.Text, want)
		case value.Boxed, value.Struct:
			base := strings.TrimPrefix(x.Text, "*")
			if base == "" {
				return true
			}
			for _, prefix := range [...]string{"(*" + base + ").", "(" + base + ")."} {
				for _, name := range e.methodsWith(prefix) {
					e.need(name, want)
				}
			}
		}
		return true
	})
}

// methodsWith lists the functions in reach whose name has the prefix.
func (e *Engine) methodsWith(prefix string) []string {
	if e.methods == nil {
		e.methods = map[string][]string{}
		add := func(name string) {
			if i := strings.LastIndex(name, ")."); i > 0 && !strings.Contains(name[i:], "$") {
				e.methods[name[:i+2]] = append(e.methods[name[:i+2]], name)
			}
		}
		for _, f := range e.own {
			add(f.name)
		}
		for _, name := range sortedKeys(e.foreign) {
			add(name)
		}
	}
	return e.methods[prefix]
}

// export is a summary as other packages see it: windows that are fully known here
// stay here, the others carry what was judged already.
func (e *Engine) export(s *summary.Summary) *summary.Summary {
	e.resolved = 0
	out := *s
	out.Windows = nil
	for _, w := range s.Windows {
		waits := w.Serial != nil && w.Serial.Symbolic()
		for i := range w.Effects {
			waits = waits || w.Effects[i].Role == summary.Dynamic
		}
		for _, v := range w.Receive.Slots {
			waits = waits || v != nil && v.Symbolic()
		}
		if !waits {
			continue
		}
		known := map[uint64]bool{}
		for _, k := range w.Known {
			known[k] = true
		}
		for _, x := range e.groundEffects(w.Effects) {
			if x.Role != summary.Dynamic {
				known[mark(&x)] = true
			}
		}
		receive := w.Receive
		receive.Map(e.ground)
		if e.timed(receive, e.ground(w.Serial)) {
			known[timeMark] = true
		}
		w.Known = w.Known[:0:0]
		for k := range known {
			w.Known = append(w.Known, k)
		}
		slices.Sort(w.Known)
		out.Windows = append(out.Windows, w)
	}
	return &out
}
