package etag

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/fix"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// mend gives the write the version of its read as precondition, where the read's answer
// is at hand and the write's failure brings the message back: a write that is refused
// because another was faster must be made again from the read.
func mend(w *window.Window, x *window.Effect, reads []*value.Value) []analysis.SuggestedFix {
	if len(reads) != 1 || x.Model == nil || len(x.Model.IfMatch) != 1 || x.Slots[summary.IfMatch].Kind != value.Nil || w.FailureSettled(x) {
		return nil
	}
	read := w.Find(reads[0].Inst)
	if read == nil || read.Role != models.Read || read.Model == nil || len(read.Model.Version) != 1 || !window.SameCall(read, x) || w.Changed(x.Slots[summary.Key], read, x) {
		return nil
	}
	version, isResult := strings.CutPrefix(string(read.Model.Version[0]), "ret0.")
	arg, fields, ok := window.Argument(x.Model.IfMatch[0])
	if !ok || !isResult {
		return nil
	}
	site, from := w.Site(x), w.Site(read)
	if site == nil || from == nil || !follows(site, from) {
		return nil
	}
	answer := from.Answer()
	if answer == nil || !site.Sees(answer) || len(site.Assignments(site.File, answer)) != 1 {
		return nil
	}
	text := etagOf(site, answer, strings.Split(version, "."), arg, fields)
	if text == "" {
		return nil
	}
	edits, ok := site.SetOption(arg, fields, text)
	if !ok {
		return nil
	}
	return []analysis.SuggestedFix{fix.Suggest("write only if it is still what was read ("+fields[len(fields)-1]+": "+text+")", edits)}
}

// follows reports whether a write is made once for each read that succeeded: both in one
// function, in no loop that the read is not in, and the read's error ends the way.
func follows(site, from *fix.Site) bool {
	f, _ := site.Function()
	g, _ := from.Function()
	loops := from.Loops()
	return f == g && f != nil && from.Checked() &&
		!slices.ContainsFunc(site.Loops(), func(l ast.Node) bool { return !slices.Contains(loops, l) })
}

// etagOf writes the version of an answer as the option takes it; empty where the types
// do not fit.
func etagOf(site *fix.Site, answer *types.Var, version []string, arg int, fields []string) string {
	sig, ok := site.Info.TypeOf(site.Call.Fun).(*types.Signature)
	if !ok || arg >= sig.Params().Len() {
		return ""
	}
	have, want := fix.FieldType(answer.Type(), version), fix.FieldType(sig.Params().At(arg).Type(), fields)
	text := fix.Selector(answer.Type(), answer.Name(), version)
	switch {
	case have == nil || want == nil || text == "":
		return ""
	case types.Identical(have, want):
		return text
	case types.Identical(types.NewPointer(have), want):
		return "&" + text
	}
	return ""
}
