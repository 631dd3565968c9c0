package freshkey

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/fix"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
	"github.com/idemlint/idemlint/passes/window"
)

// mend puts the message's own id in the place of a random one, where one thing is made
// of one message: the random text is made in the effect's function and in none that this
// one calls by name, once for each message.
//
// A create-only write gets no fix: under the message's id its repetition is refused, and
// the handler must tell that refusal from a failure. What may be meant to be unguessable
// gets none either.
func mend(w *window.Window, x *window.Effect, changing *value.Value) []analysis.SuggestedFix {
	if changing.Kind != value.Fresh || models.FreshKind(changing.Index) != models.Random || x.Role == models.Create && !(x.Model != nil && x.Model.Repeatable) {
		return nil
	}
	site := w.Site(x)
	if site == nil {
		return nil
	}
	made := site.OnlyCall(changing.Text)
	if made == nil || made.Mentions("token", "secret", "nonce", "salt", "pass", "share", "link", "code") {
		return nil
	}
	text := made.AsText()
	id, message := identityAt(made)
	if text == nil || message == nil || !onceFor(made, message) || !onceFor(site, message) {
		return nil
	}
	edits := append([]analysis.TextEdit{fix.Replace(text, id)}, made.Unimport()...)
	return []analysis.SuggestedFix{fix.Suggest("take the message's own id ("+id+"), the same on each delivery", edits)}
}

// byQueue are the types of messages whose id is made by the queue, one for each message,
// in letters that names of blobs and rows may have. Service Bus leaves it to the sender,
// who may give none.
//
// Sources: Put Message (the id is a GUID that the service makes); SendMessage of SQS (the
// answer brings the id that SQS has given); pubsub.Message (the server assigns the ID).
var byQueue = []string{
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/internal/generated.DequeuedMessage",
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2/internal/generated.DequeuedMessage",
	"github.com/aws/aws-sdk-go-v2/service/sqs/types.Message",
	"github.com/aws/aws-lambda-go/events.SQSMessage",
	"cloud.google.com/go/pubsub.Message",
	"cloud.google.com/go/pubsub/v2.Message",
}

// identityAt writes the id of the one message that is in sight at a call.
func identityAt(made *fix.Site) (text string, message *types.Var) {
	for _, v := range made.Visible() {
		t := types.Unalias(v.Type())
		if p, ok := t.(*types.Pointer); ok {
			t = types.Unalias(p.Elem())
		}
		n, ok := t.(*types.Named)
		if !ok || n.Obj().Pkg() == nil {
			continue
		}
		name := n.Obj().Pkg().Path() + "." + n.Obj().Name()
		m := window.Index().Message(name)
		if m == nil {
			continue
		}
		if message != nil || !slices.Contains(byQueue, name) || len(m.Identity) != 1 {
			return "", nil
		}
		message = v
		text = v.Name() + "." + m.Identity[0]
		switch f := fix.FieldType(n, m.Identity); {
		case f == nil:
			return "", nil
		case types.Identical(f, types.NewPointer(types.Typ[types.String])):
			text = "*" + text
		case !types.Identical(f, types.Typ[types.String]):
			return "", nil
		}
	}
	return text, message
}

// onceFor reports whether a call is made once for each message: no loop stands around it
// that does not stand around the message, too.
func onceFor(site *fix.Site, message *types.Var) bool {
	return !slices.ContainsFunc(site.Loops(), func(l ast.Node) bool { return message.Pos() < l.Pos() || l.End() < message.Pos() })
}
