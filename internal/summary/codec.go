package summary

import (
	"encoding/binary"

	"github.com/idemlint/idemlint/internal/value"
)

// The encoding is three sections: strings, values (each after its parts), body.
// Numbers are varints; strings and values are written once and named by index.

type writer struct {
	strings map[string]int
	texts   []byte
	nodes   map[*value.Value]int
	values  []byte
	body    []byte
}

func (w *writer) bytes() []byte {
	var out []byte
	out = binary.AppendUvarint(out, uint64(len(w.strings)))
	out = append(out, w.texts...)
	out = binary.AppendUvarint(out, uint64(len(w.nodes)))
	out = append(out, w.values...)
	return append(out, w.body...)
}

func (w *writer) text(s string) uint64 {
	i, ok := w.strings[s]
	if !ok {
		i = len(w.strings)
		w.strings[s] = i
		w.texts = binary.AppendUvarint(w.texts, uint64(len(s)))
		w.texts = append(w.texts, s...)
	}
	return uint64(i)
}

func (w *writer) str(s string) { w.body = binary.AppendUvarint(w.body, w.text(s)) }
func (w *writer) num(n int)    { w.body = binary.AppendVarint(w.body, int64(n)) }
func (w *writer) big(n uint64) { w.body = binary.AppendUvarint(w.body, n) }

func (w *writer) flags(bs ...bool) {
	n := 0
	for i, b := range bs {
		if b {
			n |= 1 << i
		}
	}
	w.num(n)
}

// val writes nil as 0 and the n-th value as n+1.
func (w *writer) val(v *value.Value) {
	if v == nil {
		w.big(0)
		return
	}
	w.big(uint64(w.node(v)) + 1)
}

func (w *writer) node(v *value.Value) int {
	if i, ok := w.nodes[v]; ok {
		return i
	}
	parts := make([]int, len(v.Args))
	for i, a := range v.Args {
		parts[i] = w.node(a)
	}
	b := w.values
	b = append(b, byte(v.Kind))
	b = binary.AppendVarint(b, int64(v.Index))
	b = binary.AppendUvarint(b, v.Inst)
	b = binary.AppendUvarint(b, w.text(v.Text))
	b = binary.AppendUvarint(b, uint64(len(v.Names)))
	for _, n := range v.Names {
		b = binary.AppendUvarint(b, w.text(n))
	}
	b = binary.AppendUvarint(b, uint64(len(parts)))
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(p))
	}
	w.values = b
	i := len(w.nodes)
	w.nodes[v] = i
	return i
}

func writeList[T any](w *writer, list []T, one func(T)) {
	w.num(len(list))
	for _, x := range list {
		one(x)
	}
}

// corrupt is a fact that cannot be read: made by another version.
type corrupt struct{}

func (corrupt) Error() string {
	return "idemlint: a fact cannot be read; it was made by another version: clean the analysis cache"
}

type reader struct {
	table  *value.Table
	data   []byte
	texts  []string
	values []*value.Value
}

func (r *reader) open(data []byte) {
	r.data = data
	r.texts = make([]string, r.size())
	for i := range r.texts {
		n := r.size()
		r.texts[i], r.data = string(r.data[:n]), r.data[n:]
	}
	r.values = make([]*value.Value, r.size())
	for i := range r.values {
		if len(r.data) == 0 {
			panic(corrupt{})
		}
		v := value.Value{Kind: value.Kind(r.data[0])}
		r.data = r.data[1:]
		v.Index, v.Inst, v.Text = r.num(), r.big(), r.str()
		if n := r.size(); n > 0 {
			v.Names = make([]string, n)
			for j := range v.Names {
				v.Names[j] = r.str()
			}
		}
		if n := r.size(); n > 0 {
			v.Args = make([]*value.Value, n)
			for j := range v.Args {
				v.Args[j] = at(r.values[:i], r.big())
			}
		}
		r.values[i] = r.table.Intern(v)
	}
}

func at[T any](list []T, i uint64) T {
	if i >= uint64(len(list)) {
		panic(corrupt{})
	}
	return list[i]
}

func (r *reader) big() uint64 {
	n, k := binary.Uvarint(r.data)
	if k <= 0 {
		panic(corrupt{})
	}
	r.data = r.data[k:]
	return n
}

func (r *reader) num() int {
	n, k := binary.Varint(r.data)
	if k <= 0 {
		panic(corrupt{})
	}
	r.data = r.data[k:]
	return int(n)
}

// size is a count of things that take at least a byte each.
func (r *reader) size() int {
	n := r.big()
	if n > uint64(len(r.data)) {
		panic(corrupt{})
	}
	return int(n)
}

func (r *reader) str() string { return at(r.texts, r.big()) }

func (r *reader) flags(bs ...*bool) {
	n := r.num()
	for i, b := range bs {
		*b = n&(1<<i) != 0
	}
}

func (r *reader) val() *value.Value {
	i := r.big()
	if i == 0 {
		return nil
	}
	return at(r.values, i-1)
}

func readList[T any](r *reader, one func() T) []T {
	n := r.num()
	if n < 0 || n > len(r.data) {
		panic(corrupt{})
	}
	if n == 0 {
		return nil
	}
	list := make([]T, n)
	for i := range list {
		list[i] = one()
	}
	return list
}
