package engine

import (
	"go/token"

	"golang.org/x/tools/go/ssa"
)

// loop is a natural loop.
type loop struct {
	header *ssa.BasicBlock
	blocks map[*ssa.BasicBlock]bool
	parent *loop
}

// loops are a function's natural loops.
type loops struct {
	byHeader map[*ssa.BasicBlock]*loop
	// inner is the innermost loop of each block.
	inner map[*ssa.BasicBlock]*loop
	list  []*loop
}

func findLoops(f *ssa.Function) *loops {
	ls := &loops{byHeader: map[*ssa.BasicBlock]*loop{}, inner: map[*ssa.BasicBlock]*loop{}}
	for _, b := range f.Blocks {
		for _, h := range b.Succs {
			if !h.Dominates(b) {
				continue
			}
			l := ls.byHeader[h]
			if l == nil {
				l = &loop{header: h, blocks: map[*ssa.BasicBlock]bool{h: true}}
				ls.byHeader[h] = l
				ls.list = append(ls.list, l)
			}
			work := []*ssa.BasicBlock{b}
			for len(work) > 0 {
				n := work[len(work)-1]
				work = work[:len(work)-1]
				if l.blocks[n] {
					continue
				}
				l.blocks[n] = true
				work = append(work, n.Preds...)
			}
		}
	}
	for _, l := range ls.list {
		for b := range l.blocks {
			if in := ls.inner[b]; in == nil || len(l.blocks) < len(in.blocks) {
				ls.inner[b] = l
			}
		}
	}
	for _, l := range ls.list {
		for _, o := range ls.list {
			if o != l && o.blocks[l.header] && (l.parent == nil || len(o.blocks) < len(l.parent.blocks)) {
				l.parent = o
			}
		}
	}
	return ls
}

// trips finds the counter of a loop: where it starts, what it is compared with.
// ok is false where the loop does not count.
func (l *loop) trips() (from, to ssa.Value, inclusive, ok bool) {
	for b := range l.blocks {
		if len(b.Instrs) == 0 {
			continue
		}
		cond, isIf := b.Instrs[len(b.Instrs)-1].(*ssa.If)
		if !isIf || l.blocks[b.Succs[0]] == l.blocks[b.Succs[1]] {
			continue
		}
		cmp, isCmp := cond.Cond.(*ssa.BinOp)
		if !isCmp || cmp.Op != token.LSS && cmp.Op != token.LEQ && cmp.Op != token.NEQ && cmp.Op != token.EQL && cmp.Op != token.GEQ && cmp.Op != token.GTR {
			continue
		}
		if stays := l.blocks[b.Succs[0]]; stays == (cmp.Op == token.EQL || cmp.Op == token.GEQ || cmp.Op == token.GTR) {
			continue // the counter decides the other way round
		}
		x := cmp.X
		if add, isAdd := x.(*ssa.BinOp); isAdd && add.Op == token.ADD {
			x = add.X
		}
		phi, isPhi := x.(*ssa.Phi)
		if !isPhi || phi.Block() != l.header {
			continue
		}
		for i, e := range phi.Edges {
			if !l.blocks[l.header.Preds[i]] {
				return e, cmp.Y, cmp.Op == token.LEQ || cmp.Op == token.GTR, true
			}
		}
	}
	return nil, nil, false, false
}
