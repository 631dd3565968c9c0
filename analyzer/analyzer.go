// Package analyzer is the suite: the list of checks, with their documentation.
package analyzer

import (
	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/doc"
	"github.com/idemlint/idemlint/passes/blobwrite"
	"github.com/idemlint/idemlint/passes/deleteonerror"
	"github.com/idemlint/idemlint/passes/earlydelete"
	"github.com/idemlint/idemlint/passes/etag"
	"github.com/idemlint/idemlint/passes/freshkey"
	"github.com/idemlint/idemlint/passes/increment"
	"github.com/idemlint/idemlint/passes/missingdelete"
	"github.com/idemlint/idemlint/passes/sideeffect"
	"github.com/idemlint/idemlint/passes/stalereceipt"
	"github.com/idemlint/idemlint/passes/visibility"
)

// Check is one analyzer and its documentation. The analyzer's result is a
// []finding.Finding.
type Check struct {
	Analyzer *analysis.Analyzer
	Doc      doc.Check
}

// Checks lists every check, in the order of the documentation.
func Checks() []Check {
	return []Check{
		{blobwrite.Analyzer, blobwrite.Doc},
		{deleteonerror.Analyzer, deleteonerror.Doc},
		{earlydelete.Analyzer, earlydelete.Doc},
		{etag.Analyzer, etag.Doc},
		{freshkey.Analyzer, freshkey.Doc},
		{increment.Analyzer, increment.Doc},
		{missingdelete.Analyzer, missingdelete.Doc},
		{sideeffect.Analyzer, sideeffect.Doc},
		{stalereceipt.Analyzer, stalereceipt.Doc},
		{visibility.Analyzer, visibility.Doc},
	}
}

// Analyzers lists every check's analyzer.
func Analyzers() []*analysis.Analyzer {
	var list []*analysis.Analyzer
	for _, c := range Checks() {
		list = append(list, c.Analyzer)
	}
	return list
}
