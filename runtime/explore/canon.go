package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// canonical is the final state of a schedule as it is compared: times and fresh values
// are names.
type canonical struct {
	lines []string          // sorted
	names map[string]string // of its fresh values
}

func (c canonical) key() string { return strings.Join(c.lines, "\n") }

// canonical makes the state of o comparable.
func (f *fresh) canonical(o *outcome) canonical { return f.named(o, nil) }

// named is canonical with an order for those fresh values that nothing else tells apart.
func (f *fresh) named(o *outcome, seen map[string]int) canonical {
	lines := f.marked(o)
	names := nameFresh(lines, seen)
	for i, l := range lines {
		lines[i] = replaceFresh(l, func(token string) string { return names[token] })
		for _, p := range f.patterns {
			if p.line.MatchString(lines[i]) {
				lines[i] = p.as
				break
			}
		}
		for _, c := range f.counts {
			if masked, ok := c.mask(lines[i], o.deliveries.most); ok {
				lines[i] = masked
				break
			}
		}
	}
	slices.Sort(lines)
	return canonical{lines: lines, names: names}
}

// marked are the lines of o with times masked and fresh values marked.
func (f *fresh) marked(o *outcome) []string {
	var lines []string
	for _, l := range o.maskedLines() {
		lines = append(lines, f.mark(l.String()))
	}
	return lines
}

// maskedLines are the lines of o with times masked.
func (o *outcome) maskedLines() []Line {
	lines := o.state.Lines()
	for i, l := range lines {
		w := o.writes[l.Name]
		lines[i] = Line{Name: o.mask(l.Name, w), Value: o.mask(l.Value, w)}
	}
	return lines
}

// mask replaces the times and receipts in the text of a line that was written as w says.
func (o *outcome) mask(text string, w writes) string {
	c := clock{start: o.start, end: o.end, deliveries: &o.deliveries}
	return c.mask(o.deliveries.nameReceipts(text), w)
}

// nameFresh gives each fresh value that is marked in lines a name that depends only on
// where it stands. Values that stand in the same kinds of lines are told apart by what
// else stands there: colors are refined until they stay. What is left is of no account
// where states are compared; where they are printed it is told apart by when it was seen.
func nameFresh(lines []string, seen map[string]int) map[string]string {
	places := map[string][]string{}
	for _, l := range lines {
		for _, t := range freshTokens(l) {
			if !slices.Contains(places[t], l) {
				places[t] = append(places[t], l)
			}
		}
	}
	if len(places) == 0 {
		return nil
	}
	color := map[string]int{}
	for range 3 {
		color = refine(places, color)
	}
	tokens := make([]string, 0, len(places))
	for t := range places {
		tokens = append(tokens, t)
	}
	slices.SortFunc(tokens, func(a, b string) int {
		return cmp.Or(color[a]-color[b], seen[a]-seen[b], strings.Compare(a, b))
	})
	names := map[string]string{}
	for _, t := range tokens {
		names[t] = nextName(names, t)
	}
	return names
}

// nextName is a name for a fresh value beside those that have one: <id1>, <id2>, … or
// <receipt1>, <receipt2>, …
func nextName(names map[string]string, token string) string {
	receipts := 0
	for t := range names {
		if isReceipt(t) {
			receipts++
		}
	}
	if isReceipt(token) {
		return "<receipt" + strconv.Itoa(receipts+1) + ">"
	}
	return "<id" + strconv.Itoa(len(names)-receipts+1) + ">"
}

// refine gives the same color to values that stand in the same lines, up to colors.
func refine(places map[string][]string, color map[string]int) map[string]int {
	signature := map[string]string{}
	var all []string
	for t, lines := range places {
		var seen []string
		for _, l := range lines {
			seen = append(seen, replaceFresh(l, func(other string) string {
				if other == t {
					return "<this>"
				}
				return fmt.Sprintf("<%06d>", color[other])
			}))
		}
		slices.Sort(seen)
		signature[t] = strings.Join(seen, "\n")
		all = append(all, signature[t])
	}
	slices.Sort(all)
	all = slices.Compact(all)
	next := map[string]int{}
	for t, s := range signature {
		next[t], _ = slices.BinarySearch(all, s)
	}
	return next
}

// freshTokens are the marked values of a line.
func freshTokens(line string) []string {
	var all []string
	for {
		_, rest, found := strings.Cut(line, opens)
		if !found {
			return all
		}
		token, after, _ := strings.Cut(rest, closes)
		all, line = append(all, token), after
	}
}

// replaceFresh replaces the marked values of a line.
func replaceFresh(line string, name func(string) string) string {
	if !strings.Contains(line, opens) {
		return line
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(line, opens)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		token, after, _ := strings.Cut(rest, closes)
		b.WriteString(name(token))
		line = after
	}
}
