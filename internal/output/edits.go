package output

import (
	"go/token"

	"golang.org/x/tools/go/analysis"
)

// editAt is an edit by positions.
type editAt struct {
	from, to token.Position
	text     string
}

// edits resolves the positions of a fix; an edit without an end inserts.
func (w *Writer) edits(fix analysis.SuggestedFix) []editAt {
	var list []editAt
	for _, e := range fix.TextEdits {
		to := e.End
		if !to.IsValid() {
			to = e.Pos
		}
		list = append(list, editAt{w.Fset.Position(e.Pos), w.Fset.Position(to), string(e.NewText)})
	}
	return list
}
