package value

// Walk visits v and its parts, each once; visit returns false to stay out of the
// parts of what it was given.
func Walk(v *Value, visit func(*Value) bool) {
	seen := map[*Value]bool{}
	var walk func(*Value)
	walk = func(x *Value) {
		if x == nil || seen[x] {
			return
		}
		seen[x] = true
		if visit(x) {
			for _, a := range x.Args {
				walk(a)
			}
		}
	}
	walk(v)
}

// Sources visits the sources that v's content depends on: what a read was keyed
// by is not part of what it returned, nor is a channel's capacity.
func Sources(v *Value, visit func(*Value)) {
	Walk(v, func(x *Value) bool {
		switch x.Kind {
		case Read, Written, Received, Renewed, Chan:
			visit(x)
			return false
		case Param, Free, Global, Fresh, Dyn, Message, Unknown:
			visit(x)
			return x.Kind == Dyn
		}
		return true
	})
}

// DependsOn reports whether v's content depends on a source that pred accepts.
func DependsOn(v *Value, pred func(*Value) bool) bool {
	found := false
	Sources(v, func(x *Value) { found = found || pred(x) })
	return found
}

// Same reports whether two values are known to be equal in one execution.
func Same(a, b *Value) bool {
	if a != b || a == nil {
		return false
	}
	return !a.Has(Unknown) && !a.Has(Mix) && !a.Has(Loop)
}

// Rewrite rebuilds v from the leaves up. f is given each node with its parts
// already rewritten, beside the node as it was, and returns what stands for it, or
// nil to keep it.
func (t *Table) Rewrite(v *Value, memo map[*Value]*Value, f func(was, is *Value) *Value) *Value {
	if v == nil {
		return nil
	}
	if r, ok := memo[v]; ok {
		return r
	}
	args := v.Args
	for i, a := range v.Args {
		r := t.Rewrite(a, memo, f)
		if r != a {
			if &args[0] == &v.Args[0] {
				args = append([]*Value(nil), v.Args...)
			}
			args[i] = r
		}
	}
	n := v
	if len(args) > 0 && &args[0] != &v.Args[0] {
		n = t.rebuild(v, args)
	}
	if r := f(v, n); r != nil {
		n = r
	}
	memo[v] = n
	return n
}

// rebuild makes v's node of other parts and simplifies it.
func (t *Table) rebuild(v *Value, args []*Value) *Value {
	switch v.Kind {
	case Field:
		return t.Field(args[0], v.Text)
	case Elem:
		return t.Elem(args[0])
	case Union:
		return t.Union(args...)
	case Mix:
		return t.Mix(args...)
	case Boxed:
		if v.Index == 1 && args[0].Kind != Struct {
			return t.Assumed(v.Text, args[0])
		}
		return t.Boxed(v.Text, args[0])
	case Struct:
		if len(v.Names) > 0 && v.Names[0] == "" {
			return t.Struct(v.Text, args[0], v.Names[1:], args[1:])
		}
	}
	return t.make(Value{Kind: v.Kind, Index: v.Index, Inst: v.Inst, Text: v.Text, Names: v.Names, Args: args})
}

// WithInst is v with another instance.
func (t *Table) WithInst(v *Value, inst uint64) *Value {
	return t.make(Value{Kind: v.Kind, Index: v.Index, Inst: inst, Text: v.Text, Names: v.Names, Args: v.Args})
}

// Find follows a dotted path ("A.B", "[]" for elements) into v.
func (t *Table) Find(v *Value, path []string) *Value {
	for _, p := range path {
		if p == "[]" {
			v = t.Elem(v)
		} else {
			v = t.Field(v, p)
		}
	}
	return v
}

// Exists reports whether v or a part of it is accepted by pred.
func Exists(v *Value, pred func(*Value) bool) bool {
	found := false
	Walk(v, func(x *Value) bool {
		found = found || pred(x)
		return !found
	})
	return found
}

// Contains reports whether part occurs in v.
func Contains(v, part *Value) bool {
	return Exists(v, func(x *Value) bool { return x == part })
}
