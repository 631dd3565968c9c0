package testdata_test

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/models"
)

const sdk = "github.com/Azure/azure-sdk-for-go/sdk/"

// TestModelsResolve holds every entry against the real SDK: the function exists under
// just that full name, every path leads to a value, and the value is of the kind that
// the field speaks of.
func TestModelsResolve(t *testing.T) {
	s := load(t)
	ix := models.NewIndex(models.All())
	for _, m := range models.All() {
		if p := s.unreadable(m); p != "" {
			t.Run(m.Name, func(t *testing.T) { t.Skipf("%s needs a C compiler, and cgo switched on", p) })
			continue
		}
		for i := range m.Calls {
			c := &m.Calls[i]
			for _, err := range s.checkCall(ix, c) {
				t.Errorf("%s: %s: %v", m.Name, c.Func, err)
			}
		}
		for i := range m.Messages {
			for _, err := range s.checkMessage(&m.Messages[i]) {
				t.Errorf("%s: %s: %v", m.Name, m.Messages[i].Type, err)
			}
		}
		for i := range m.Retries {
			for _, err := range s.checkRetry(&m.Retries[i]) {
				t.Errorf("%s: %s: %v", m.Name, m.Retries[i].Type, err)
			}
		}
		for _, p := range m.Packages {
			if s.packages[p] == nil {
				t.Errorf("%s: no package %s", m.Name, p)
			}
		}
	}
}

// kind says what a path may lead to; nil is anything but an error.
type kind func(types.Type) bool

func named(names ...string) kind {
	return func(t types.Type) bool { return slices.Contains(names, typeName(t)) }
}

func basic(info types.BasicInfo) kind {
	return func(t types.Type) bool {
		b, ok := deref(t).Underlying().(*types.Basic)
		return ok && b.Info()&info != 0
	}
}

func either(a, b kind) kind { return func(t types.Type) bool { return a(t) || b(t) } }

// version is what a path to a version may lead to. Azure has a type for ETags; for AWS
// and the Go CDK they are plain texts, and only the field's name tells. Cloud Storage
// counts generations, Firestore's version is the time of the last write, and Dapr's ETag
// may be an argument of its own.
func version(c *models.Call, p models.Path) kind {
	switch p[strings.LastIndexByte(string(p), '.')+1:] {
	case "ETag", "IfMatch", "IfNoneMatch", "ConditionExpression":
		return either(etag, named("string"))
	case "Generation", "Metageneration", "GenerationMatch", "MetagenerationMatch", "GenerationNotMatch", "MetagenerationNotMatch":
		return named("int64")
	case "UpdateTime":
		return named("time.Time")
	}
	if nats := "github.com/nats-io/nats.go"; strings.HasPrefix(c.Func, "("+nats) {
		// Revisions are numbers, and an entry that was read tells its own.
		return either(named("uint64"), named(nats+".KeyValueEntry", nats+"/jetstream.KeyValueEntry"))
	}
	if strings.HasPrefix(c.Func, "(github.com/dapr/go-sdk/client.Client).") {
		return named("string")
	}
	return either(etag, named("cloud.google.com/go/firestore.Precondition"))
}

// isFunc also takes an interface: its method is called with the message.
func isFunc(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Signature, *types.Interface:
		return true
	}
	return false
}

// brings reports whether a value is a message, or one of the things that it may be, or
// an answer still to be opened: a command with the messages in its Result.
func brings(ix *models.Index, t types.Type) bool {
	if ix.Message(typeName(t)) != nil {
		return true
	}
	n, ok := deref(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return false
	}
	for _, m := range ix.Messages() {
		if i, ok := n.Underlying().(*types.Interface); ok && packageOf(m.Type) == n.Obj().Pkg().Path() {
			o := n.Obj().Pkg().Scope().Lookup(m.Type[strings.LastIndex(m.Type, ".")+1:])
			if o != nil && types.Implements(types.NewPointer(o.Type()), i) {
				return true
			}
		}
	}
	result, _, _ := types.LookupFieldOrMethod(types.NewPointer(n), true, nil, "Result")
	f, ok := result.(*types.Func)
	return ok && listed(ix, f.Signature().Results().At(0).Type())
}

// listed reports whether a text, a message, or a list of them with their source.
func listed(ix *models.Index, t types.Type) bool {
	if l, ok := t.Underlying().(*types.Slice); ok {
		return listed(ix, l.Elem())
	}
	if s, ok := deref(t).Underlying().(*types.Struct); ok && ix.Message(typeName(t)) == nil {
		for f := range s.Fields() {
			if l, ok := f.Type().Underlying().(*types.Slice); ok && listed(ix, l.Elem()) {
				return true
			}
		}
		return false
	}
	return text(t) || ix.Message(typeName(t)) != nil
}

var (
	etag     = named(sdk + "azcore.ETag")
	text     = basic(types.IsString)
	number   = basic(types.IsInteger)
	duration = named("time.Duration", "time.Time")
	bound    = named("context.Context", "net/http.Request", "os/exec.Cmd")
)

// pathsOf lists the paths of an entry with what each may lead to.
func pathsOf(ix *models.Index, c *models.Call) []pathKind {
	var all []pathKind
	many := func(what string, k kind, ps []models.Path) {
		for _, p := range ps {
			all = append(all, pathKind{what, p, k})
		}
	}
	one := func(what string, k kind, p models.Path) {
		if p != "" {
			all = append(all, pathKind{what, p, k})
		}
	}
	amount := func(what string, q models.Quantity) {
		k := duration
		if q.Unit != 0 || what == "Batch" {
			k = number
		}
		one(what, k, q.Path)
	}
	// A message is told by its id or its number, or is of a modelled type.
	message := func(t types.Type) bool { return brings(ix, t) || c.Pops && text(t) }
	if c.Role != models.Receive {
		message = nil
		if c.Message != "" {
			message = either(either(text, number), func(t types.Type) bool { return brings(ix, t) })
		}
	}
	if c.Role == models.Peek {
		message = nil
	}
	many("Key", nil, c.Key)
	many("Value", nil, c.Value)
	many("Content", nil, c.Content)
	versions := func(what string, ps []models.Path) {
		for _, p := range ps {
			all = append(all, pathKind{what, p, version(c, p)})
		}
	}
	versions("Version", c.Version)
	versions("IfMatch", c.IfMatch)
	versions("IfNoneMatch", c.IfNoneMatch)
	many("Conditions", nil, c.Conditions)
	many("DedupID", nil, c.DedupID)
	one("Message", message, c.Message)
	one("Receipt", text, c.Receipt)
	one("NewReceipt", text, c.NewReceipt)
	one("Body", text, c.Body)
	one("Handler", isFunc, c.Handler)
	one("Alone", nil, c.Alone)
	// A prepared statement is a text, too.
	one("Statement", either(text, named("database/sql.Stmt")), c.Statement)
	one("Mode", nil, c.Mode)
	one("Action", nil, c.Action)
	one("Commits", nil, c.Commits)
	one("Under", bound, c.Under)
	one("Retry", func(t types.Type) bool { return ix.Retry(typeName(t)) != nil }, c.Retry)
	one("Verb", text, c.Verb)
	one("Codes", nil, c.Codes)
	amount("Lease", c.Lease)
	amount("Batch", c.Batch)
	amount("Timeout", c.Timeout)
	return all
}

type pathKind struct {
	what string
	path models.Path
	kind kind
}

func (s *sdks) checkCall(ix *models.Index, c *models.Call) (errs []error) {
	f := s.funcs[c.Func]
	if f == nil {
		return []error{fmt.Errorf("no such function")}
	}
	for _, p := range pathsOf(ix, c) {
		t, err := resolve(f, p.path)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", p.what, err))
		case p.kind != nil && !p.kind(t):
			errs = append(errs, fmt.Errorf("%s: %q is a %s", p.what, p.path, t))
		case p.what != "Codes" && types.Identical(t, types.Universe.Lookup("error").Type()):
			errs = append(errs, fmt.Errorf("%s: %q is the error", p.what, p.path))
		}
	}
	errs = append(errs, s.checkConstants(f, c)...)
	errs = append(errs, checkShape(c)...)
	return errs
}

// autoSettle names the constant that each mode's AutoSettle value must be.
var autoSettle = map[string]string{
	"bool": "true",
	sdk + "messaging/azservicebus/internal/exported.ReceiveMode": sdk + "messaging/azservicebus.ReceiveModeReceiveAndDelete",
}

func (s *sdks) checkConstants(f *types.Func, c *models.Call) (errs []error) {
	if c.Mode != "" {
		t, err := resolve(f, c.Mode)
		if err != nil {
			return nil // said already
		}
		want := autoSettle[typeName(t)]
		if want == "" {
			errs = append(errs, fmt.Errorf("Mode: no known constant of %s", typeName(t)))
		} else if !slices.Contains(s.constants(t)[c.AutoSettle], want) {
			errs = append(errs, fmt.Errorf("AutoSettle: %s is not the value of %s", c.AutoSettle, want))
		}
	}
	if c.Action != "" {
		t, err := resolve(f, c.Action)
		if err != nil {
			return nil
		}
		known := s.constants(t)
		for v := range c.Actions {
			if known[v] == nil {
				errs = append(errs, fmt.Errorf("Actions: no constant of %s is %s", typeName(t), v))
			}
		}
		for v, names := range known {
			if c.Actions[v] == 0 {
				errs = append(errs, fmt.Errorf("Actions: %s is not said", names[0]))
			}
		}
	}
	return errs
}

// checkShape asks for what a role cannot do without.
func checkShape(c *models.Call) (errs []error) {
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s is missing", what))
		}
	}
	need(c.Role != 0, "Role")
	need(c.System != "", "System")
	need(c.Source != "", "Source")
	switch c.Role {
	case models.Receive, models.Settle, models.Nack, models.DeadLetter, models.Peek:
		need(c.Key != nil, "Key")
		need(c.Message != "", "Message")
	case models.Subscribe:
		need(c.Key != nil, "Key")
		need((c.Handler == "") != (c.Message == ""), "one of Handler and Message")
	case models.Renew:
		need(c.Key != nil, "Key")
		need((c.Receipt == "") == (c.NewReceipt == ""), "Receipt or NewReceipt")
	case models.Read, models.List:
		need(c.Key != nil, "Key")
		need(c.Content != nil, "Content")
	case models.Create, models.Write, models.Append, models.Remove, models.Send:
		need(c.Key != nil, "Key")
		// Whole containers are made without a value, batches carry it in their parts,
		// some facets are only switched, and a counter is counted up by one.
		bare := c.Role == models.Remove || c.Role == models.Write && c.Relative || c.Commits != "" || c.Facet != "" || strings.Contains(c.Func, "CreateTable")
		need(c.Value != nil || bare, "Value")
	case models.External, models.Client, models.Address:
		need(c.Key != nil, "Key")
	case models.Stage:
		need(c.Staged != 0 || c.Conditions != nil, "Staged")
	case models.Same:
		need(len(c.Value) == 1, "one Value")
	case models.Deadline:
		need(c.Timeout.Path != "", "Timeout")
	case models.Wait:
		need(c.Timeout.Path != "" || c.Unbounded, "Timeout or Unbounded")
	case models.Fresh:
		need(c.Fresh != 0, "Fresh")
	}
	need((c.Mode == "") == (c.AutoSettle == ""), "Mode or AutoSettle")
	need((c.Action == "") == (c.Actions == nil), "Action or Actions")
	need(c.Staged == 0 || c.Role == models.Stage, "Role Stage")
	need(c.IfMatchDefault == "" || c.IfMatch != nil, "IfMatch")
	need(c.Verb == "" || c.FixedVerb == "", "one of Verb and FixedVerb")
	return errs
}

func (s *sdks) checkMessage(m *models.Message) (errs []error) {
	t, err := s.lookup(m.Type)
	if err != nil {
		return []error{err}
	}
	fields := slices.Concat(m.Delivery, m.Identity)
	if m.Records != "" {
		fields = append(fields, m.Records)
	}
	for _, f := range []string{m.Receipt, m.Count} {
		if f != "" {
			fields = append(fields, f)
			if !slices.Contains(m.Delivery, f) {
				errs = append(errs, fmt.Errorf("%s changes with each delivery", f))
			}
		}
	}
	for _, f := range fields {
		if _, err := field(t, f); err != nil && !promoted(t, f) && !s.attribute(t, f) {
			errs = append(errs, err)
		}
	}
	if m.Identity == nil && m.Records == "" && !m.Returned || m.System == "" || m.Source == "" {
		errs = append(errs, fmt.Errorf("Identity, System or Source is missing"))
	}
	return errs
}

// promoted reports whether the message has the field by a struct that it embeds: code
// names such a field as if it were the message's own.
func promoted(t types.Type, name string) bool {
	f, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	v, ok := f.(*types.Var)
	return ok && v.Exported()
}

// attribute reports whether the name is a key of one of the message's maps: one that a
// package beside the message's names in a constant.
func (s *sdks) attribute(t types.Type, name string) bool {
	keyed := false
	if st, ok := deref(t).Underlying().(*types.Struct); ok {
		for f := range st.Fields() {
			m, ok := f.Type().Underlying().(*types.Map)
			keyed = keyed || ok && text(m.Key())
		}
	}
	return keyed && slices.ContainsFunc(slices.Collect(maps.Values(s.packages)), func(p *types.Package) bool {
		return slices.ContainsFunc(p.Scope().Names(), func(n string) bool {
			c, ok := p.Scope().Lookup(n).(*types.Const)
			return ok && c.Exported() && exact(c.Val()) == strconv.Quote(name)
		})
	})
}

func (s *sdks) checkRetry(r *models.RetryPolicy) (errs []error) {
	t, err := s.lookup(r.Type)
	if err != nil {
		return []error{err}
	}
	for _, f := range []struct {
		name string
		kind kind
	}{{r.MaxRetries, number}, {r.TryTimeout, duration}, {r.RetryDelay, duration}, {r.MaxRetryDelay, duration}} {
		if f.name == "" {
			continue
		}
		ft, err := field(t, f.name)
		if err != nil {
			errs = append(errs, err)
		} else if !f.kind(ft) {
			errs = append(errs, fmt.Errorf("%s is a %s", f.name, ft))
		}
	}
	if r.MaxRetries == "" || r.DefaultMaxRetries == 0 || r.Source == "" {
		errs = append(errs, fmt.Errorf("MaxRetries or Source is missing"))
	}
	return errs
}

// TestModelsDistinct: the index would silently keep the last of two entries.
func TestModelsDistinct(t *testing.T) {
	seen := map[string]string{}
	for _, m := range models.All() {
		for _, c := range m.Calls {
			if other := seen[c.Func]; other != "" {
				t.Errorf("%s is in %s and in %s", c.Func, other, m.Name)
			}
			seen[c.Func] = m.Name
		}
	}
}

// TestResolverFails holds the tests above to account: each of these must be refused.
func TestResolverFails(t *testing.T) {
	s := load(t)
	ix := models.NewIndex(models.All())
	const update = "(*" + sdk + "storage/azqueue.QueueClient).UpdateMessage"
	good := *ix.Call(update)
	for _, tt := range []struct {
		name string
		bend func(*models.Call)
	}{
		{"no such function", func(c *models.Call) { c.Func = strings.Replace(c.Func, "Update", "Replace", 1) }},
		{"value receiver", func(c *models.Call) { c.Func = strings.Replace(c.Func, "(*", "(", 1) }},
		{"argument out of range", func(c *models.Call) { c.Receipt = "arg5" }},
		{"no such field", func(c *models.Call) { c.NewReceipt = "ret0.PopReceipts" }},
		{"no elements", func(c *models.Call) { c.Message = "arg1[].ID" }},
		{"wrong kind", func(c *models.Call) { c.Lease.Unit = 0 }},
		{"the error", func(c *models.Call) { c.Content = []models.Path{"ret1"} }},
		{"no root", func(c *models.Call) { c.Receipt = "popReceipt" }},
		{"role without key", func(c *models.Call) { c.Key = nil }},
		{"no source", func(c *models.Call) { c.Source = "" }},
		{"text for a version", func(c *models.Call) { c.Version = []models.Path{"ret0.RequestID"} }},
		{"unknown mode", func(c *models.Call) { c.Mode, c.AutoSettle = "arg4", "1" }},
	} {
		c := good
		tt.bend(&c)
		if errs := s.checkCall(ix, &c); len(errs) == 0 {
			t.Errorf("%s: accepted", tt.name)
		}
	}
	if errs := s.checkCall(ix, &good); len(errs) != 0 {
		t.Errorf("the unbent entry: %v", errs)
	}
	for _, m := range []models.Message{
		{Type: sdk + "storage/azqueue.DequeuedMessage"},                                                                                                                   // an alias
		{Type: sdk + "messaging/azservicebus.ReceivedMessage", Identity: []string{"ID"}},                                                                                  // no field
		{Type: sdk + "messaging/azservicebus.ReceivedMessage", Identity: []string{"Body"}, Count: "To"},                                                                   // not of the delivery
		{Type: "github.com/aws/aws-sdk-go-v2/service/sqs/types.Message", System: "SQS", Source: "s", Delivery: []string{"ReceiveCount"}, Identity: []string{"MessageId"}}, // no attribute
	} {
		if errs := s.checkMessage(&m); len(errs) == 0 {
			t.Errorf("%+v: accepted", m)
		}
	}
}
