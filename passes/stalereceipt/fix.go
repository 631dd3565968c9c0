package stalereceipt

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/fix"
	"github.com/idemlint/idemlint/passes/window"
)

// keepReceipt puts the renewal's new receipt where the old one was taken from, where both
// calls stand in one function and the renewal's error is looked at: the message's own
// field, or a variable.
func keepReceipt(w *window.Window, x, y *window.Effect) []analysis.SuggestedFix {
	site, use := w.Site(x), w.Site(y)
	if site == nil || use == nil || !x.Dropped || !window.SameCall(x, y) || use.Deferred() {
		return nil
	}
	f, _ := site.Function()
	if g, _ := use.Function(); f != g || f == nil {
		return nil
	}
	arg, fields, ok := window.Argument(x.Model.Receipt)
	field, isResult := strings.CutPrefix(string(x.Model.NewReceipt), "ret0.")
	name := "renewed"
	if n := site.Number(); n > 1 {
		name += strconv.Itoa(n) // each renewal of a function has a name of its own
	}
	if !ok || !isResult || len(fields) > 0 || arg >= len(site.Call.Args) || !site.Free(name) {
		return nil
	}
	place, pointer := holder(site, site.Call.Args[arg])
	if place == "" || arg >= len(use.Call.Args) {
		return nil
	}
	if other, _ := holder(use, use.Call.Args[arg]); y.Model.Receipt != x.Model.Receipt || other != place {
		return nil
	}
	text := name + "." + field
	switch t := fix.FieldType(site.Result(), []string{field}); {
	case t == nil:
		return nil
	case types.Identical(t, types.NewPointer(types.Typ[types.String])):
		if !pointer {
			text = "*" + text
		}
	case pointer || !types.Identical(t, types.Typ[types.String]):
		return nil
	}
	edits, ok := site.Keep(name, place+" = "+text)
	if !ok {
		return nil
	}
	return []analysis.SuggestedFix{fix.Suggest("keep the receipt that the renewal returns", edits)}
}

// holder is what a receipt is taken from: "m.PopReceipt" of "*m.PopReceipt" (a pointer), or
// a variable.
func holder(site *fix.Site, receipt ast.Expr) (place string, pointer bool) {
	switch e := ast.Unparen(receipt).(type) {
	case *ast.StarExpr:
		sel, ok := e.X.(*ast.SelectorExpr)
		if !ok || site.Variable(sel.X) == nil {
			return "", false
		}
		return site.Text(sel), true
	case *ast.Ident:
		if v := site.Variable(e); v != nil && types.Identical(v.Type(), types.Typ[types.String]) {
			return v.Name(), false
		}
	}
	return "", false
}

// texts are the fields that hold a message's text, by the type of the message.
var texts = map[string]string{
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/internal/generated.DequeuedMessage":    "MessageText",
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2/internal/generated.DequeuedMessage": "MessageText",
}

// keepText gives the renewal the message's own text, where the message is at hand.
func keepText(w *window.Window, x *window.Effect) []analysis.SuggestedFix {
	site := w.Site(x)
	body, _, ok := window.Argument(x.Model.Body)
	id, _, known := window.Argument(x.Model.Message)
	if site == nil || !ok || !known || body >= len(site.Call.Args) || id >= len(site.Call.Args) {
		return nil
	}
	if lit, ok := ast.Unparen(site.Call.Args[body]).(*ast.BasicLit); !ok || lit.Value != `""` {
		return nil
	}
	star, ok := ast.Unparen(site.Call.Args[id]).(*ast.StarExpr)
	if !ok {
		return nil
	}
	sel, ok := star.X.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	message := site.Variable(sel.X)
	if message == nil {
		return nil
	}
	t := types.Unalias(message.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, ok := t.(*types.Named)
	if !ok || named.Obj().Pkg() == nil {
		return nil
	}
	field := texts[named.Obj().Pkg().Path()+"."+named.Obj().Name()]
	if field == "" {
		return nil
	}
	text := "*" + message.Name() + "." + field
	edits := []analysis.TextEdit{fix.Replace(site.Call.Args[body], text)}
	return []analysis.SuggestedFix{fix.Suggest("send the message's own text again ("+text+")", edits)}
}
