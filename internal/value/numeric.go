package value

import (
	"math/big"
	"strconv"
	"time"
)

// Range is the set of numbers a value may be, as far as known.
type Range struct {
	Min, Max float64
	// Known: every alternative is a known number. Partly: at least one is.
	Known, Partly bool
}

func exact(f float64) Range { return Range{Min: f, Max: f, Known: true, Partly: true} }

// Operators of durations and numbers; binary Go operators use their own token.
const (
	OpSum = "sum"
	OpMax = "max"
	OpMin = "min"
	OpMul = "*"
)

// Number evaluates a numeric value; durations are in nanoseconds. Of nil nothing is
// known.
func Number(v *Value) Range {
	if v == nil {
		return Range{}
	}
	return number(v, map[*Value]Range{})
}

// NumberAt is Number in the n-th turn of the loops that v's growing parts belong to.
func NumberAt(v *Value, turn int) Range {
	if turn == 0 || !v.Has(Apply) {
		return Number(v)
	}
	memo := map[*Value]Range{}
	Walk(v, func(x *Value) bool {
		if x.Kind == Apply && len(x.Args) == 3 && (x.Text == "grows" || x.Text == "counts") {
			start, by := Number(x.Args[0]), Number(x.Args[1])
			if start.Partly && by.Partly {
				n := start.Max
				for range turn {
					if x.Text == "grows" {
						n *= by.Max
					} else {
						n += by.Max
					}
				}
				if limit := Number(x.Args[2]); limit.Partly {
					n = min(n, limit.Max)
				}
				r := exact(n)
				r.Known = start.Known
				memo[x] = r
			}
		}
		return true
	})
	return number(v, memo)
}

func number(v *Value, memo map[*Value]Range) Range {
	if r, ok := memo[v]; ok {
		return r
	}
	memo[v] = Range{}
	r := evalNumber(v, memo)
	memo[v] = r
	return r
}

func evalNumber(v *Value, memo map[*Value]Range) Range {
	switch v.Kind {
	case Const:
		if f, ok := parse(v.Text); ok {
			return exact(f)
		}
	case Boxed:
		return number(v.Args[0], memo)
	case Union:
		out := Range{Known: true}
		for _, a := range v.Args {
			if a.Kind == Nil {
				continue
			}
			r := number(a, memo)
			out.Known = out.Known && r.Known
			if !r.Partly {
				continue
			}
			if !out.Partly {
				out.Min, out.Max, out.Partly = r.Min, r.Max, true
				continue
			}
			out.Min, out.Max = min(out.Min, r.Min), max(out.Max, r.Max)
		}
		out.Known = out.Known && out.Partly
		return out
	case Apply:
		return apply(v, memo)
	}
	return Range{}
}

func apply(v *Value, memo map[*Value]Range) Range {
	switch v.Text {
	case OpSum, OpMax, OpMin:
		return fold(v, memo)
	case "(time.Duration).Seconds":
		return scale(number(v.Args[0], memo), 1/float64(time.Second))
	case "(time.Duration).Milliseconds":
		return scale(number(v.Args[0], memo), 1/float64(time.Millisecond))
	case "(time.Duration).Minutes":
		return scale(number(v.Args[0], memo), 1/float64(time.Minute))
	case "(time.Duration).Hours":
		return scale(number(v.Args[0], memo), 1/float64(time.Hour))
	case "grows", "counts":
		return number(v.Args[0], memo)
	case "<<":
		a, b := number(v.Args[0], memo), number(v.Args[1], memo)
		if !a.Partly || !b.Partly || b.Max < 0 || b.Max > 62 {
			return Range{}
		}
		return Range{Min: a.Min * float64(uint64(1)<<uint(b.Min)), Max: a.Max * float64(uint64(1)<<uint(b.Max)), Known: a.Known && b.Known, Partly: true}
	case "len", "cap":
		if v.Args[0].Kind == List {
			return exact(float64(len(v.Args[0].Args)))
		}
	}
	if len(v.Args) != 2 {
		return Range{}
	}
	a, b := number(v.Args[0], memo), number(v.Args[1], memo)
	if !a.Partly || !b.Partly {
		return Range{}
	}
	var c [4]float64
	op := func(x, y float64) float64 {
		switch v.Text {
		case "+":
			return x + y
		case "-":
			return x - y
		case OpMul:
			return x * y
		case "/":
			if y == 0 {
				return 0
			}
			return x / y
		}
		return 0
	}
	switch v.Text {
	case "+", "-", OpMul, "/":
		c[0], c[1], c[2], c[3] = op(a.Min, b.Min), op(a.Min, b.Max), op(a.Max, b.Min), op(a.Max, b.Max)
		return Range{Min: min(c[0], c[1], c[2], c[3]), Max: max(c[0], c[1], c[2], c[3]),
			Known: a.Known && b.Known, Partly: true}
	}
	return Range{}
}

// fold sums, or takes the largest or least of, what is known: the rest counts as
// nothing, so that the result is a bound from below.
func fold(v *Value, memo map[*Value]Range) Range {
	out := Range{Known: true}
	for _, a := range v.Args {
		r := number(a, memo)
		out.Known = out.Known && r.Known
		if !r.Partly {
			continue
		}
		switch {
		case !out.Partly:
			out.Min, out.Max = r.Min, r.Max
		case v.Text == OpSum:
			out.Min, out.Max = out.Min+r.Min, out.Max+r.Max
		case v.Text == OpMax:
			out.Min, out.Max = max(out.Min, r.Min), max(out.Max, r.Max)
		default:
			out.Min, out.Max = min(out.Min, r.Min), min(out.Max, r.Max)
		}
		out.Partly = true
	}
	return out
}

func scale(r Range, by float64) Range {
	r.Min, r.Max = r.Min*by, r.Max*by
	return r
}

func parse(s string) (float64, bool) {
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return f, true
	}
	if q, ok := new(big.Rat).SetString(s); ok {
		f, _ := q.Float64()
		return f, true
	}
	return 0, false
}
