package summary

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Entries of models have many fields of which few are set: a record is the number of
// fields that are set, then each with its index. New fields need no code here.

func (w *writer) record(v reflect.Value) {
	var set []int
	for i := range v.NumField() {
		if !v.Field(i).IsZero() {
			set = append(set, i)
		}
	}
	w.num(len(set))
	for _, i := range set {
		w.num(i)
		w.field(v.Field(i))
	}
}

func (w *writer) field(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		w.str(v.String())
	case reflect.Bool:
		w.flags(v.Bool())
	case reflect.Int, reflect.Int64:
		w.num(int(v.Int()))
	case reflect.Uint8:
		w.big(v.Uint())
	case reflect.Struct:
		w.record(v)
	case reflect.Slice:
		w.num(v.Len())
		for i := range v.Len() {
			w.field(v.Index(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		w.num(len(keys))
		for _, k := range keys {
			w.field(k)
			w.field(v.MapIndex(k))
		}
	default:
		panic(fmt.Sprintf("summary: a %s cannot be written", v.Type()))
	}
}

func (r *reader) record(v reflect.Value) {
	for range r.length() {
		i := r.num()
		if i < 0 || i >= v.NumField() {
			panic(corrupt{})
		}
		r.field(v.Field(i))
	}
}

// length is how many things follow, which take at least a byte each.
func (r *reader) length() int {
	n := r.num()
	if n < 0 || n > len(r.data) {
		panic(corrupt{})
	}
	return n
}

func (r *reader) field(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(r.str())
	case reflect.Bool:
		var b bool
		r.flags(&b)
		v.SetBool(b)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(r.num()))
	case reflect.Uint8:
		v.SetUint(r.big())
	case reflect.Struct:
		r.record(v)
	case reflect.Slice:
		n := r.length()
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			r.field(v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.length() {
			key, el := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			r.field(key)
			r.field(el)
			v.SetMapIndex(key, el)
		}
	default:
		panic(corrupt{})
	}
}
