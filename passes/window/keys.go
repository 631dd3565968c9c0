package window

import (
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Same reports whether a write goes to the key that a read read.
func Same(write, read *value.Value) bool {
	key := read.Args[0]
	if value.Same(write, key) {
		return true
	}
	// The row's own key stands in what was read: it is written back where it came from.
	return !elsewhere(write, key) && (rowOf(write, read) || own(write, key, read, true) == replaced)
}

func rowOf(key, read *value.Value) bool {
	if key.Kind != value.Apply || key.Text != "addr" {
		return false
	}
	parts := []*value.Value{key.Args[1]}
	if parts[0].Kind == value.Union {
		parts = parts[0].Args
	}
	for _, part := range parts {
		if !value.DependsOn(part, func(x *value.Value) bool { return x == read }) {
			continue
		}
		if part.Kind == value.Apply && strings.HasPrefix(part.Text, "row.") || read.Index == int(models.List) {
			return true
		}
	}
	return false
}

// elsewhere reports whether two addresses are known to lie apart: a container on the way
// to one has another constant name than that on the way to the other.
func elsewhere(a, b *value.Value) bool {
	pa, pb := parts(a), parts(b)
	for i := 1; i < min(len(pa), len(pb)); i++ {
		if pa[i].Kind == value.Const && pb[i].Kind == value.Const && pa[i].Text != pb[i].Text {
			return true
		}
	}
	return false
}

// parts are those of an address, outermost first.
func parts(v *value.Value) []*value.Value {
	var list []*value.Value
	for v.Kind == value.Apply && v.Text == "addr" && len(v.Args) == 2 {
		list = append(list, v.Args[1])
		v = v.Args[0]
	}
	list = append(list, v)
	slices.Reverse(list)
	return list
}

type likeness uint8

const (
	different likeness = iota
	equal
	replaced
)

// own compares a written key with the key of a read: they are the same where they
// differ only in that the written one takes an identity from the record that was
// read ("orders/" + order.ID after reading "orders/" + id).
func own(write, key, read *value.Value, last bool) likeness {
	if value.Same(write, key) || write == key && write.Kind == value.Nil {
		return equal
	}
	if f := bareField(write); f != nil && (!last || identityName(f.Text)) && value.DependsOn(f, func(x *value.Value) bool { return x == read }) {
		return replaced
	}
	if write.Kind != value.Apply || key.Kind != value.Apply || write.Text != key.Text || len(write.Args) != len(key.Args) || len(write.Args) == 0 {
		return different
	}
	all := equal
	for i := range write.Args {
		// Only the innermost part of an address must look like an identity.
		switch own(write.Args[i], key.Args[i], read, last && (write.Text != "addr" || i == 1)) {
		case different:
			return different
		case replaced:
			all = replaced
		}
	}
	return all
}

// bareField is the field that a value is, or may be beside nothing.
func bareField(v *value.Value) *value.Value {
	if v.Kind == value.Union {
		var one *value.Value
		for _, a := range v.Args {
			if a.Kind == value.Nil {
				continue
			}
			if one != nil {
				return nil
			}
			one = a
		}
		v = one
	}
	if v != nil && v.Kind == value.Field {
		return v
	}
	return nil
}

// identityName reports whether a field's name says that it identifies its record.
func identityName(field string) bool {
	f := strings.ToLower(field)
	switch f {
	case "pk", "rk", "sk", "no", "slug", "sku", "isbn", "ref", "email", "username":
		return true
	}
	for _, s := range [...]string{"id", "key", "name", "code", "number"} {
		if strings.HasSuffix(f, s) {
			return true
		}
	}
	return false
}

// Decided reports whether the package compares the field: something is decided on it.
func (w *Window) Decided(typ, field string) bool { return w.result.engine.Decided(typ, field) }
