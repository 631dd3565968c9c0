package summary

import (
	"fmt"
	"reflect"

	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Package is what one package tells those that import it.
type Package struct {
	Path      string
	Functions []*Summary // sorted by name
	// Carriers are types that wrap a received message.
	Carriers []string
	// Fields are what struct fields ("pkg.T.f") and package variables hold.
	Fields []Field
	// Judged are the effects that the package's own handlers make, as hashes, sorted: who
	// calls such a handler with a message need not tell of them again.
	Judged []uint64
	// Calls and Messages are what directives say of in-house code, in this package and
	// in those that it imports; sorted.
	Calls    []models.Call
	Messages []models.Message
}

// Empty reports whether importers learn nothing.
func (p *Package) Empty() bool {
	return len(p.Functions)+len(p.Carriers)+len(p.Fields)+len(p.Judged)+len(p.Calls)+len(p.Messages) == 0
}

// Field is a field or variable and the values seen in it.
type Field struct {
	Name  string
	Value *value.Value
}

// Fact is a Package in the form that travels between analyses: bytes that are the
// same for the same package.
type Fact struct{ Data []byte }

// AFact marks Fact as a fact.
func (*Fact) AFact() {}

func (f *Fact) String() string { return fmt.Sprintf("idemlint summary of %d bytes", len(f.Data)) }

// Encode makes the fact.
func Encode(p *Package) *Fact {
	w := &writer{strings: map[string]int{}, nodes: map[*value.Value]int{}}
	w.str(p.Path)
	writeList(w, p.Carriers, w.str)
	writeList(w, p.Fields, func(f Field) { w.str(f.Name); w.val(f.Value) })
	writeList(w, p.Functions, w.summary)
	writeList(w, p.Judged, w.big)
	writeList(w, p.Calls, func(c models.Call) { w.record(reflect.ValueOf(c)) })
	writeList(w, p.Messages, func(m models.Message) { w.record(reflect.ValueOf(m)) })
	return &Fact{Data: w.bytes()}
}

// Decode reads the fact; values are interned in the table.
func (f *Fact) Decode(t *value.Table) (p *Package, err error) {
	defer func() {
		if e := recover(); e != nil {
			if c, ok := e.(corrupt); ok {
				p, err = nil, c
				return
			}
			panic(e)
		}
	}()
	r := &reader{table: t}
	r.open(f.Data)
	p = &Package{Path: r.str()}
	p.Carriers = readList(r, r.str)
	p.Fields = readList(r, func() Field { return Field{Name: r.str(), Value: r.val()} })
	p.Functions = readList(r, r.summary)
	p.Judged = readList(r, r.big)
	p.Calls = readList(r, func() (c models.Call) { r.record(reflect.ValueOf(&c).Elem()); return c })
	p.Messages = readList(r, func() (m models.Message) { r.record(reflect.ValueOf(&m).Elem()); return m })
	return p, nil
}

func (w *writer) summary(s *Summary) {
	w.str(s.Name)
	w.num(s.Params)
	writeList(w, s.Results, w.val)
	writeList(w, s.Outs, func(o Out) { w.num(o.Param); writeList(w, o.Path, w.str); w.val(o.Value) })
	writeList(w, s.Effects, w.effect)
	writeList(w, s.Outcomes, func(o Outcome) {
		w.num(int(o.Custody))
		w.flags(o.Worked, o.Failed, o.Already, o.Released, o.Swallowed, o.Ahead, o.Raises)
		writeList(w, o.Results, func(k Known) { w.str(string(k)) })
		writeList(w, o.When, func(c Captured) { w.num(c.Free); w.str(string(c.Is)) })
		w.pos(o.Exit)
		w.pos(o.Blame)
	})
	w.val(s.Serial)
	w.val(s.Until)
	w.val(s.Parallel)
	w.flags(s.Settles)
	writeList(w, s.Windows, func(x Window) {
		w.str(x.Func)
		w.effect(x.Receive)
		writeList(w, x.Effects, w.effect)
		w.val(x.Serial)
		writeList(w, x.Known, w.big)
	})
}

func (r *reader) summary() *Summary {
	s := &Summary{Name: r.str(), Params: r.num()}
	s.Results = readList(r, r.val)
	s.Outs = readList(r, func() Out { return Out{Param: r.num(), Path: readList(r, r.str), Value: r.val()} })
	s.Effects = readList(r, r.effect)
	s.Outcomes = readList(r, func() Outcome {
		o := Outcome{Custody: Custody(r.num())}
		r.flags(&o.Worked, &o.Failed, &o.Already, &o.Released, &o.Swallowed, &o.Ahead, &o.Raises)
		o.Results = readList(r, func() Known { return Known(r.str()) })
		o.When = readList(r, func() Captured { return Captured{Free: r.num(), Is: Known(r.str())} })
		o.Exit, o.Blame = r.pos(), r.pos()
		return o
	})
	s.Serial, s.Until, s.Parallel = r.val(), r.val(), r.val()
	r.flags(&s.Settles)
	s.Windows = readList(r, func() Window {
		w := Window{Func: r.str(), Receive: r.effect()}
		w.Effects = readList(r, r.effect)
		w.Serial = r.val()
		w.Known = readList(r, r.big)
		return w
	})
	return s
}

func (w *writer) effect(e Effect) {
	w.num(int(e.Role))
	w.str(e.Func)
	w.big(e.Inst)
	w.pos(e.Pos)
	writeList(w, e.Chain, w.pos)
	mask := 0
	for i, v := range e.Slots {
		if v != nil {
			mask |= 1 << i
		}
	}
	w.num(mask)
	for _, v := range e.Slots {
		if v != nil {
			w.val(v)
		}
	}
	w.big(e.Task)
	w.flags(e.Held, e.Late, e.InBatch, e.Dropped, e.Resolved, e.Escapes, e.Looping)
	w.str(e.Via)
	w.big(e.Table)
	w.num(e.Arm)
	w.big(e.Failed)
	w.big(e.LateAfter)
	w.pos(e.FailedAt)
	w.pos(e.AheadAt)
	w.pos(e.RestAt)
}

func (r *reader) effect() Effect {
	e := Effect{Role: models.Role(r.num()), Func: r.str(), Inst: r.big(), Pos: r.pos()}
	e.Chain = readList(r, r.pos)
	mask := r.num()
	for i := range e.Slots {
		if mask&(1<<i) != 0 {
			e.Slots[i] = r.val()
		}
	}
	e.Task = r.big()
	r.flags(&e.Held, &e.Late, &e.InBatch, &e.Dropped, &e.Resolved, &e.Escapes, &e.Looping)
	e.Via, e.Table, e.Arm = r.str(), r.big(), r.num()
	e.Failed, e.LateAfter = r.big(), r.big()
	e.FailedAt, e.AheadAt, e.RestAt = r.pos(), r.pos(), r.pos()
	return e
}

func (w *writer) pos(p Pos) {
	w.str(p.Pkg)
	w.str(p.File)
	w.num(p.Line)
	w.num(p.Col)
}

func (r *reader) pos() Pos { return Pos{Pkg: r.str(), File: r.str(), Line: r.num(), Col: r.num()} }
