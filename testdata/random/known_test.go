package random

import (
	"maps"
	"slices"
)

// known are disagreements that are understood, by the choices that make them.
var known = []struct {
	check string
	miss  bool
	// choices that the handler must have, as Plan.Features writes them.
	choices []string
	reason  string
}{}

// known says why the linter and exploration do not agree here, "" if nobody knows.
func (d Disagreement) known() string {
	for _, k := range known {
		if k.check == d.Check && k.miss == d.Miss && d.Plan.has(k.choices) {
			return k.reason
		}
	}
	return ""
}

func sortedKeys(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }
