package summary_test

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/idemlint/idemlint/internal/value"
)

// fill sets every field that there is, however deep, each to something of its own.
func fill(t *testing.T, tab *value.Table, p any) {
	t.Helper()
	n := 0
	var set func(v reflect.Value, at string)
	set = func(v reflect.Value, at string) {
		n++
		switch v.Kind() {
		case reflect.String:
			v.SetString(fmt.Sprintf("%s %d", at, n))
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Int, reflect.Int64:
			v.SetInt(int64(n))
		case reflect.Uint8:
			v.SetUint(uint64(n % 100))
		case reflect.Uint64:
			v.SetUint(uint64(n) << 40)
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			for i := range v.Len() {
				set(v.Index(i), at)
			}
		case reflect.Map:
			v.Set(reflect.MakeMap(v.Type()))
			for range 2 {
				key, el := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				set(key, at)
				set(el, at)
				v.SetMapIndex(key, el)
			}
		case reflect.Array:
			for i := range v.Len() {
				set(v.Index(i), at)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if !v.Type().Field(i).IsExported() {
					t.Fatalf("%s.%s is not exported: the codec cannot know it", v.Type(), v.Type().Field(i).Name)
				}
				set(v.Field(i), v.Type().Field(i).Name)
			}
		case reflect.Pointer:
			if v.Type() == reflect.TypeFor[*value.Value]() {
				v.Set(reflect.ValueOf(tab.Struct("T", nil, []string{"A", "B"}, []*value.Value{
					tab.Leaf(value.Param, n, 0, ""), tab.Node(value.Read, n, uint64(n), at, tab.Const(at))})))
				return
			}
			v.Set(reflect.New(v.Type().Elem()))
			set(v.Elem(), at)
		default:
			t.Fatalf("%s: how is a %s filled?", at, v.Type())
		}
	}
	set(reflect.ValueOf(p).Elem(), "")
}

// different is the first place where two things differ; values are compared as
// pointers, for a table has each once.
func different(a, b any) string {
	var at func(a, b reflect.Value, path string) string
	at = func(a, b reflect.Value, path string) string {
		switch a.Kind() {
		case reflect.Slice, reflect.Array:
			if a.Len() != b.Len() {
				return fmt.Sprintf("%s has %d elements, want %d", path, a.Len(), b.Len())
			}
			for i := range a.Len() {
				if d := at(a.Index(i), b.Index(i), fmt.Sprintf("%s[%d]", path, i)); d != "" {
					return d
				}
			}
		case reflect.Map:
			if !reflect.DeepEqual(a.Interface(), b.Interface()) {
				return fmt.Sprintf("%s is %v, want %v", path, a, b)
			}
		case reflect.Struct:
			for i := range a.NumField() {
				if d := at(a.Field(i), b.Field(i), path+"."+a.Type().Field(i).Name); d != "" {
					return d
				}
			}
		case reflect.Pointer:
			if a.Type() != reflect.TypeFor[*value.Value]() {
				return at(a.Elem(), b.Elem(), path)
			}
			fallthrough
		default:
			if a.Interface() != b.Interface() {
				return fmt.Sprintf("%s is %v, want %v", path, a, b)
			}
		}
		return ""
	}
	return at(reflect.ValueOf(a), reflect.ValueOf(b), "")
}
