package explore

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// difference describes how a state differs from the nearest of the reference, and which harm
// that is. Fresh values are not told apart, unless the difference is in them.
func difference(c canonical, r *reference) (text string, harm Harm) {
	var more, less []string
	lines := anonymous(c.lines)
	for i, s := range r.states {
		others := anonymous(s.lines)
		m, l := without(lines, others), without(others, lines)
		if i == 0 || len(m)+len(l) < len(more)+len(less) {
			more, less = m, l
		}
	}
	if len(more)+len(less) == 0 {
		return "a fresh value is not the same where it must be:\n" + strings.Join(linesWithID(c.lines), "\n"), Changed
	}
	var parts []string
	harm = Seen
	for _, l := range slices.Compact(more) {
		name, value := cutLine(l)
		harm = worse(harm, name)
		others := valuesOf(r, name)
		switch n, most := count(lines, l), countMost(r, l); {
		case len(others) == 0:
			parts = append(parts, fmt.Sprintf("%s %s: in no exactly-once execution", name, value))
		case most >= n:
			tooMany := ""
			if len(less) == 0 {
				tooMany = "one too many; "
			}
			parts = append(parts, fmt.Sprintf("%s %s: %sexactly-once executions reach it %s", name, value, tooMany, beside(lines, l, r)))
		case most > 0 && name == readerName:
			parts = append(parts, fmt.Sprintf("%s %s: %d different values; exactly-once executions show him %d", name, value, n, most))
		case most > 0:
			parts = append(parts, fmt.Sprintf("%s %s: %d of it; exactly-once executions reach %d", name, value, n, most))
		default:
			parts = append(parts, fmt.Sprintf("%s %s; exactly-once executions reach %s", name, value, strings.Join(others, " or ")))
		}
	}
	for _, l := range slices.Compact(less) {
		name, value := cutLine(l)
		harm = worse(harm, name)
		if !slices.ContainsFunc(more, func(m string) bool { return strings.HasPrefix(m, name+": ") }) {
			parts = append(parts, fmt.Sprintf("%s missing; exactly-once executions reach %s", name, value))
		}
	}
	return strings.Join(parts, "\n"), harm
}

// beside says what else is there, or is not, in the nearest of those exactly-once executions
// that reach a line.
func beside(lines []string, line string, r *reference) string {
	var more, less []string
	found := false
	for _, s := range r.states {
		others := anonymous(s.lines)
		if count(others, line) < count(lines, line) {
			continue
		}
		m, l := without(lines, others), without(others, lines)
		if !found || len(m)+len(l) < len(more)+len(less) {
			more, less, found = m, l, true
		}
	}
	if len(more) == 0 {
		return "only together with " + named(less)
	}
	return "only without " + named(more)
}

// named are the first lines of some, in a sentence.
func named(lines []string) string {
	var names []string
	for _, l := range slices.Compact(lines) {
		name, value := cutLine(l)
		names = append(names, name+" "+value)
	}
	if len(names) > 2 {
		names = append(names[:2], fmt.Sprintf("%d more", len(names)-2))
	}
	return strings.Join(names, " and ")
}

var ids = regexp.MustCompile(`<(id|receipt)\d+>`)

// anonymous are canonical lines in which fresh values are not told apart.
func anonymous(lines []string) []string {
	var all []string
	for _, l := range lines {
		all = append(all, ids.ReplaceAllString(l, "<$1>"))
	}
	slices.Sort(all)
	return all
}

func linesWithID(lines []string) []string {
	return slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !ids.MatchString(l) })
}

// worse is the harm of a difference that is also in lines of this name: blobs and rows are
// more than messages and requests, and those more than what a reader saw.
func worse(harm Harm, name string) Harm {
	switch {
	case strings.HasPrefix(name, "blob "), strings.HasPrefix(name, "row "):
		return Changed
	case name == readerName:
		return harm
	case harm == Seen:
		return Repeated
	}
	return harm
}

// cutLine splits a canonical line into name and value. Names of blobs can have the
// separator in them, but then both parts are only shown.
func cutLine(l string) (name, value string) {
	name, value, _ = strings.Cut(l, ": ")
	return name, value
}

// count is how often a line is there.
func count(lines []string, line string) int {
	n := 0
	for _, l := range lines {
		if l == line {
			n++
		}
	}
	return n
}

// countMost is how often it is there at most in a state of the reference.
func countMost(r *reference, line string) int {
	most := 0
	for _, s := range r.states {
		most = max(most, count(anonymous(s.lines), line))
	}
	return most
}

// valuesOf are the values that a line has in exactly-once executions.
func valuesOf(r *reference, name string) []string {
	var all []string
	for _, s := range r.states {
		for _, l := range anonymous(s.lines) {
			if n, value := cutLine(l); n == name && !slices.Contains(all, value) {
				all = append(all, value)
			}
		}
	}
	slices.Sort(all)
	return all
}
