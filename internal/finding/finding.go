// Package finding is what a check reports: a place, a message, the schedule that
// does the harm, and the places that take part in it.
package finding

import (
	"go/token"

	"golang.org/x/tools/go/analysis"
)

// Finding is one report of one check.
type Finding struct {
	// Check is the analyzer's name.
	Check string
	// Pos and End are where the harm is done; End may be token.NoPos.
	Pos, End token.Pos
	// Message is one line, without the check's name.
	Message string
	// Related are the receive, reads, effects and settles that take part, in the
	// order of the schedule, with the chain of calls that leads to them.
	Related []Related
	// Schedule is the witness: the shortest schedule that does the harm, one step a line.
	Schedule []string
	// Fixes mend the code, where a change is mechanical; the first is applied.
	Fixes []analysis.SuggestedFix
	// ID survives moved lines: it is made of check, package, function and callees.
	ID string
}

// Related is a place that takes part in a finding.
type Related struct {
	Pos     token.Pos
	Message string
}
