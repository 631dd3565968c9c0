package value

import "slices"

// collapse keeps of what has grown too large the sources that it depends on.
func (t *Table) collapse(v Value) *Value {
	var leaves []*Value
	switch v.Kind {
	case Read, Written, Received, Renewed, Fresh, Chan:
		return t.bare(&v)
	case Dyn:
		leaves = append(leaves, t.unknown)
	}
	for _, a := range v.Args {
		leaves = append(leaves, t.leaves(a)...)
	}
	slices.SortFunc(leaves, compare)
	leaves = slices.Compact(leaves)
	total := 0
	for i, l := range leaves {
		total += l.size
		if (total > maxSize || i >= maxLeaves) && i > 0 {
			leaves = leaves[:i]
			break
		}
	}
	for i, l := range leaves {
		if l.size > maxSize/2 || l.depth > maxDepth/2 {
			leaves[i] = t.bare(l)
		}
	}
	if v.Kind == Mix && slices.Equal(v.Args, leaves) {
		return t.intern(v)
	}
	return t.intern(Value{Kind: Mix, Args: leaves})
}

// shrink collapses a part. What is compared with what remains to be seen: a condition
// keeps its shape, its operands collapse.
func (t *Table) shrink(v *Value, levels int) *Value {
	if v.Kind != Apply || levels == 0 {
		return t.collapse(*v)
	}
	switch v.Text {
	case "!", "==", "!=", "<", "<=", ">", ">=":
	default:
		return t.collapse(*v)
	}
	is := Value{Kind: v.Kind, Index: v.Index, Inst: v.Inst, Text: v.Text, Args: slices.Clone(v.Args)}
	for i, a := range is.Args {
		if a.size > maxSize/16 || a.depth > maxDepth/2 {
			is.Args[i] = t.shrink(a, levels-1)
		}
	}
	return t.intern(is)
}

// leaves are the sources below a value, remembered: collapsing asks again and again.
func (t *Table) leaves(x *Value) []*Value {
	switch x.Kind {
	case Struct, List, Apply, Union, Mix, Boxed, Closure:
	case Const, Nil, Loop, Func:
		return nil
	default:
		return []*Value{x}
	}
	if l, ok := t.below[x]; ok {
		return l
	}
	var all []*Value
	for _, a := range x.Args {
		all = append(all, t.leaves(a)...)
	}
	slices.SortFunc(all, compare)
	all = slices.Compact(all)
	if len(all) > maxLeaves {
		all = all[:maxLeaves]
	}
	t.below[x] = slices.Clip(all)
	return all
}

// bare keeps a source's identity without what it was made of.
func (t *Table) bare(l *Value) *Value {
	switch l.Kind {
	case Read, Written, Received, Renewed, Fresh, Chan:
		return t.intern(Value{Kind: l.Kind, Index: l.Index, Inst: l.Inst, Text: l.Text, Args: []*Value{t.unknown}})
	case Field, Elem:
		return t.bare(l.Args[0])
	}
	return t.unknown
}
