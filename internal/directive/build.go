package directive

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/models"
)

// builder makes the entry of one directive on a function.
type builder struct {
	*resolver
	sig  *signature
	call models.Call
	// taken are the parameters that arguments name, and no default may take again.
	taken map[models.Path]bool
	why   string
	at    token.Pos
}

// build fills in the entry; why says what does not fit, and at where.
func (b *builder) build() (why string, at token.Pos) {
	for _, a := range b.d.args {
		for _, v := range a.values {
			if whole := path(v); string(whole) == root(whole) {
				b.taken[whole] = true
			}
		}
	}
	b.quantities()
	switch b.d.Word {
	case Receive:
		b.receive()
	case Settle, Nack, DeadLetter, Renew:
		b.settle()
	case Handler:
		b.handler()
	default:
		b.effect()
	}
	return b.why, b.at
}

// fail keeps the first thing that is wrong.
func (b *builder) fail(at token.Pos, format string, args ...any) {
	if b.why == "" {
		b.why, b.at = fmt.Sprintf(format, args...), at
	}
}

// sides a path may begin at.
const (
	given    = "arg recv"
	returned = "ret"
)

// paths are those of an argument, checked.
func (b *builder) paths(name, sides string) []models.Path {
	a := b.d.find(name)
	if a == nil {
		return nil
	}
	var list []models.Path
	for _, v := range a.values {
		p := path(v)
		t, why := b.sig.resolve(p)
		switch {
		case why != "":
			b.fail(a.pos, "%s=%s: %s", name, v, why)
		case isContext(t) || isError(t):
			b.fail(a.pos, "%s=%s: that is a %s", name, v, text(t))
		case !strings.Contains(sides, root(p)[:3]):
			what := "a parameter or the receiver"
			if sides == returned {
				what = "a result"
			}
			b.fail(a.pos, "%s=%s: it must be %s", name, v, what)
		default:
			list = append(list, p)
		}
	}
	return list
}

func (b *builder) path(name, sides string) models.Path {
	if list := b.paths(name, sides); len(list) > 0 {
		return list[0]
	}
	return ""
}

func (b *builder) flag(name string) bool { return b.d.find(name) != nil }

// quantities are the lease, the batch and the timeout.
func (b *builder) quantities() {
	unit := b.unit()
	b.call.Lease = b.duration("lease", unit)
	b.call.Timeout = b.duration("timeout", unit)
	a := b.d.find("batch")
	if a == nil {
		return
	}
	if n, err := strconv.Atoi(a.values[0]); err == nil {
		if n < 1 {
			b.fail(a.pos, "batch=%d: a receive brings one message at least", n)
		}
		b.call.Batch.Default = time.Duration(n)
		return
	}
	b.call.Batch.Path = b.path("batch", given)
	if t, why := b.sig.resolve(b.call.Batch.Path); why == "" && !basic(t, types.IsInteger) {
		b.fail(a.pos, "batch=%s: that is a %s, not a number", a.values[0], text(t))
	}
}

var units = map[string]time.Duration{"ns": 1, "us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour}

func (b *builder) unit() time.Duration {
	a := b.d.find("unit")
	if a == nil {
		return 0
	}
	u, ok := units[a.values[0]]
	if !ok {
		b.fail(a.pos, "unit=%s: the units are ns, us, ms, s, m and h", a.values[0])
	}
	if b.d.find("lease") == nil && b.d.find("timeout") == nil {
		b.fail(a.pos, "unit=%s: there is no lease or timeout that it could be the unit of", a.values[0])
	}
	return u
}

// duration is a constant (30s) or a parameter: a time.Duration, or a number of units.
func (b *builder) duration(name string, unit time.Duration) models.Quantity {
	a := b.d.find(name)
	if a == nil {
		return models.Quantity{}
	}
	if d, err := time.ParseDuration(a.values[0]); err == nil && strings.ContainsAny(a.values[0], "nuµmsh") {
		if d <= 0 {
			b.fail(a.pos, "%s=%s: it must be longer than nothing", name, a.values[0])
		}
		return models.Quantity{Default: d}
	}
	q := models.Quantity{Path: b.path(name, given)}
	t, why := b.sig.resolve(q.Path)
	switch {
	case q.Path == "" || why != "" || isDuration(deref(t)):
	case !basic(deref(t), types.IsNumeric):
		b.fail(a.pos, "%s=%s: that is a %s, neither a time.Duration nor a number; a constant is written as 30s", name, a.values[0], text(t))
	case unit == 0:
		b.fail(a.pos, "%s=%s: that is a plain number: say unit=s or unit=ms, too; a constant is written as 30s", name, a.values[0])
	default:
		q.Unit = unit
	}
	return q
}

func anything(models.Path, types.Type) bool { return true }

// receive takes messages, or has them given to a function.
func (b *builder) receive() {
	b.call.Pops = b.flag("pops")
	if a := b.d.find("handler"); a != nil {
		b.call.Role = models.Subscribe
		b.call.Handler = b.path("handler", given)
		if b.d.find("message") != nil {
			b.fail(b.d.find("message").pos, "message= and handler=: the messages come by the one or by the other")
		}
		t, why := b.sig.resolve(b.call.Handler)
		if why != "" {
			return
		}
		sig, ok := t.Underlying().(*types.Signature)
		if !ok {
			b.fail(a.pos, "handler=%s: that is a %s, not a function (a method of an interface is marked by %s%s where it is declared)", a.values[0], text(t), prefix, Handler)
		} else if payload(sig.Params(), "arg", anything) == "" {
			b.fail(a.pos, "handler=%s: the function is given no message", a.values[0])
		}
		return
	}
	if b.sig.owner != nil {
		b.call.Key = []models.Path{"recv"}
	}
	at := b.d.Pos
	if a := b.d.find("message"); a != nil {
		at = a.pos
		b.call.Message = b.path("message", returned)
	} else {
		b.call.Message = payload(b.sig.Results(), "ret", func(_ models.Path, t types.Type) bool { return !basic(t, types.IsBoolean) })
		if b.call.Message == "" {
			b.fail(at, "it returns no message: say message=retN, or handler=N where a function is given the messages")
			return
		}
	}
	t, why := b.sig.resolve(b.call.Message)
	if why != "" {
		return
	}
	_, channel := t.Underlying().(*types.Chan)
	if e := element(t); e != nil && !basic(e, types.IsInteger) {
		t, b.call.Message = e, b.call.Message+"[]"
	}
	if isFunc(t) {
		b.fail(at, "%s is a function, no message", b.call.Message)
	}
	name := typeName(t)
	b.call.Plain = name == "" && strings.HasSuffix(string(b.call.Message), "[]")
	if channel {
		b.call.Role = models.Subscribe
		if name == "" {
			b.fail(at, "a message out of a channel is known by its type, and %s is not a type of a module: declare one", text(t))
		}
	}
	if name != "" && !b.messages[name] {
		b.set.Messages = append(b.set.Messages, models.Message{Type: name, System: b.sig.system, Source: b.call.Source, Assumed: !channel})
	}
}

// settle ends, gives back or prolongs what was received.
func (b *builder) settle() {
	b.call.Cumulative = b.flag("cumulative")
	b.call.Message = b.path("message", given)
	b.call.Receipt = b.path("receipt", given)
	if b.d.find("message") == nil {
		if b.call.Message = b.message(); b.call.Message == "" {
			b.call.Message = b.call.Receipt // the receipt alone tells which message
		}
	}
	if b.call.Message == "" {
		b.fail(b.d.Pos, "it is given no message: say message=N or message=recv")
	}
	if a := b.d.find("new-receipt"); a != nil {
		b.call.NewReceipt = b.path("new-receipt", returned)
		if b.call.NewReceipt != "" && root(b.call.NewReceipt) != "ret0" {
			b.fail(a.pos, "new-receipt=%s: only the first result is followed: it must begin with ret0", a.values[0])
		}
	}
}

// message is the default: the receiver where its type is a message, else the first
// parameter that can carry one.
func (b *builder) message() models.Path {
	if b.sig.owner != nil && b.messages[typeName(b.sig.owner)] {
		return "recv"
	}
	return payload(b.sig.Params(), "arg", func(at models.Path, t types.Type) bool {
		return !b.taken[at] && !basic(t, types.IsBoolean) && !isDuration(t)
	})
}

// handler is given a message and settles it by what it returns.
func (b *builder) handler() {
	b.call.Message = b.path("message", given)
	a := b.d.find("message")
	if a == nil {
		b.call.Message = payload(b.sig.Params(), "arg", func(at models.Path, _ types.Type) bool { return !b.taken[at] })
		if b.call.Message == "" {
			b.fail(b.d.Pos, "it is given no message: no parameter is anything but a context, an error or a function")
		}
	} else if p := b.call.Message; p != "" && (string(p) != root(p) || p == "recv") {
		b.fail(a.pos, "message=%s: it must be a parameter, all of it", a.values[0])
	}
}

// effect reads, changes or sends something.
func (b *builder) effect() {
	c := &b.call
	c.Key = b.paths("key", given)
	c.IfMatch = b.paths("if-match", given)
	c.IfNoneMatch = b.paths("if-none-match", given)
	c.Conditions = b.paths("condition", given)
	c.Version = b.paths("version", returned)
	c.DedupID = b.paths("dedup", given)
	c.Relative, c.Repeatable = b.flag("relative"), b.flag("repeatable")
	keyed := b.d.Word != Send && b.d.Word != Call
	if keyed && b.d.find("key") == nil {
		key := payload(b.sig.Params(), "arg", func(at models.Path, t types.Type) bool {
			return !b.taken[at] && basic(t, types.IsString)
		})
		if key == "" {
			b.fail(b.d.Pos, "it needs a key and no parameter is a string: say key=N")
			return
		}
		b.taken[key] = true
		c.Key = []models.Path{key}
	}
	content := b.content()
	b.space(content)
	switch b.d.Word {
	case Send:
		if len(c.Value) == 0 {
			b.fail(b.d.Pos, "it is given nothing that it could send: say value=N")
		}
	case Call:
		b.verb()
	}
}

// content is the value that is written or read, with its type where it is known.
func (b *builder) content() types.Type {
	c := &b.call
	a := b.d.find("value")
	switch {
	case b.d.Word == Remove:
		return nil
	case b.d.Word == Read && a == nil:
		at := payload(b.sig.Results(), "ret", func(at models.Path, _ types.Type) bool { return !slices.Contains(c.Version, at) })
		if at == "" {
			b.fail(b.d.Pos, "it returns nothing that it could have read: say value=N where it fills a parameter")
			return nil
		}
		t, _ := b.sig.resolve(at)
		return t
	case b.d.Word == Read:
		c.Content = b.paths("value", given+" "+returned)
		return b.typeOf(c.Content)
	case a == nil:
		if at := payload(b.sig.Params(), "arg", func(at models.Path, _ types.Type) bool { return !b.taken[at] }); at != "" {
			c.Value = []models.Path{at}
		}
	default:
		c.Value = b.paths("value", given)
	}
	return b.typeOf(c.Value)
}

func (b *builder) typeOf(paths []models.Path) types.Type {
	if len(paths) == 0 {
		return nil
	}
	t, why := b.sig.resolve(paths[0])
	if why != "" {
		return nil
	}
	return t
}

// space says in what the keys are keys: the store that is named, else the receiver (or
// the package) and the type of what is kept there.
func (b *builder) space(content types.Type) {
	c := &b.call
	if a := b.d.find("store"); a != nil {
		c.Space = "store " + a.values[0]
		return
	}
	if b.sig.owner != nil {
		c.Key = append([]models.Path{"recv"}, c.Key...)
	} else {
		c.Space = b.pkg.Path()
	}
	if content != nil {
		if name := typeName(content); name != "" {
			c.Space = strings.TrimPrefix(c.Space+" "+name, " ")
		}
	}
}

var verbs = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

// verb says whether an external call only asks, or does something again each time it is
// made; where it is not said, that is unknown.
func (b *builder) verb() {
	if a := b.d.find("verb"); a != nil {
		b.call.FixedVerb = a.values[0]
		if !slices.Contains(verbs, a.values[0]) {
			b.fail(a.pos, "verb=%s: the verbs are %s", a.values[0], strings.Join(verbs, ", "))
		}
	}
}
