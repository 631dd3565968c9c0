package engine

import (
	"slices"
	"strconv"
	"strings"

	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// Operators of values that models make.
const (
	// opAddr is something inside what its first argument addresses.
	opAddr = "addr"
	// opDeadline is a context with a deadline: parent, duration.
	opDeadline = "deadline"
	// opUnder is time bounded by a deadline: the deadline's context.
	opUnder = "under"
	// opStoreCall is the time a call of a client may take: the client.
	opStoreCall = "storecall"
	// opStaged is content prepared for a later commit.
	opStaged = "staged"
	// StagedCondition is a condition that a later commit checks.
	StagedCondition = "staged condition"
	// opCount is the number of elements of its argument.
	opCount = "count"
	// cancelFunc is the function that cancels a context: it does nothing else.
	cancelFunc = "cancel"
	// opTimeout is a wait that its argument bounds, or nothing where that is absent.
	opTimeout = "timeout"
	// opUnbounded is a wait that nothing bounds.
	opUnbounded = "unbounded"
)

// operands resolves a model's paths at one call.
type operands struct {
	e       *Engine
	args    []*value.Value // without the receiver
	recv    *value.Value
	results []*value.Value
}

func (o *operands) at(p models.Path) *value.Value {
	if p == "" {
		return nil
	}
	s := string(p)
	s = strings.ReplaceAll(s, "[]", ".[]")
	parts := strings.Split(s, ".")
	var v *value.Value
	switch head := parts[0]; {
	case head == "recv":
		v = o.recv
	case strings.HasPrefix(head, "arg"):
		if n, err := strconv.Atoi(head[3:]); err == nil && n < len(o.args) {
			v = o.args[n]
		}
	case strings.HasPrefix(head, "ret"):
		if n, err := strconv.Atoi(head[3:]); err == nil && n < len(o.results) {
			v = o.results[n]
		}
	}
	if v == nil {
		return o.e.Table.Unknown()
	}
	return o.e.Table.Find(v, parts[1:])
}

func (o *operands) union(paths []models.Path) *value.Value {
	if len(paths) == 0 {
		return nil
	}
	var vs []*value.Value
	for _, p := range paths {
		vs = append(vs, o.at(p))
	}
	return o.e.Table.Union(vs...)
}

func (o *operands) list(paths []models.Path) *value.Value {
	if len(paths) == 0 {
		return nil
	}
	var vs []*value.Value
	for _, p := range paths {
		vs = append(vs, o.at(p))
	}
	return o.e.Table.List(vs...)
}

// address folds key parts into one canonical address.
func (o *operands) address(m *models.Call) *value.Value {
	t := o.e.Table
	var key *value.Value
	if m.Space != "" {
		// Not a constant: as a part of the code's own text it would be read.
		key = t.Leaf(value.Func, 0, 0, m.Space)
	}
	for _, p := range m.Key {
		key = o.join(key, o.at(p))
	}
	if len(m.KeyIn) > 0 {
		content := o.union(m.Value)
		for _, name := range m.KeyIn {
			key = o.join(key, o.e.keyField(content, name))
		}
	}
	if key == nil {
		return t.Unknown()
	}
	return key
}

func (o *operands) join(key, part *value.Value) *value.Value {
	if key == nil {
		return part
	}
	return o.e.Table.Apply(opAddr, key, part)
}

// keyField finds the part of a key that stands inside the written value: a field
// of the struct, of a struct embedded in it, or of the row that was read.
func (e *Engine) keyField(v *value.Value, name string) *value.Value {
	t := e.Table
	if v == nil {
		return t.Unknown()
	}
	switch v.Kind {
	case value.Boxed:
		return e.keyField(v.Args[0], name)
	case value.Apply:
		if len(v.Args) > 0 {
			return e.keyField(v.Args[0], name)
		}
	case value.Struct:
		for i, n := range v.Names {
			if strings.EqualFold(n, name) {
				return v.Args[i]
			}
		}
		for _, inner := range [...]bool{true, false} {
			for i, n := range v.Names {
				if inner != (n != "") || n != "" && n != "Entity" && n != "EDMEntity" && !embedded(n, v.Args[i]) {
					continue
				}
				if r := e.keyField(v.Args[i], name); r.Kind != value.Unknown {
					return r
				}
			}
		}
	case value.Union:
		var parts []*value.Value
		for _, a := range v.Args {
			if a.Kind != value.Nil {
				parts = append(parts, e.keyField(a, name))
			}
		}
		return t.Union(parts...)
	case value.Read, value.Field, value.Elem, value.Param, value.Free, value.Dyn:
		return t.Apply("row."+name, v)
	}
	return t.Unknown()
}

// embedded reports whether a field is called as the type of what it holds.
func embedded(field string, v *value.Value) bool {
	if v.Kind == value.Union {
		return slices.ContainsFunc(v.Args, func(a *value.Value) bool { return embedded(field, a) })
	}
	return v.Kind == value.Struct && v.Text[strings.LastIndexByte(v.Text, '.')+1:] == field
}

// rowKey looks again for a key inside a value that has become known, or returns nil.
func (e *Engine) rowKey(v *value.Value) *value.Value {
	name, ok := strings.CutPrefix(v.Text, "row.")
	if !ok || v.Kind != value.Apply || len(v.Args) != 1 {
		return nil
	}
	return e.keyField(v.Args[0], name)
}

// modelled is a call that a model describes.
func (f *function) modelled(s *site, m *models.Call, inst uint64) {
	s.model, s.known = m, true
	common := s.in.Common()
	o := s.operands(f.engine)
	n := common.Signature().Results().Len()
	m, text := o.stated(m)
	s.model = m
	key := o.address(m)
	if text != nil {
		key = text.key
	}
	for i := range n {
		s.results = append(s.results, o.result(m, key, inst, i, isError(common.Signature().Results().At(i).Type())))
	}
	o.results = s.results
	shift := len(s.args) - len(o.args)
	if m.Role == models.Same {
		s.outs = o.copies(m, shift)
		return
	}
	for _, p := range m.Content {
		if p == "recv" && m.Role == models.Stage {
			// What is prepared gathers in the receiver until a commit.
			staged := f.engine.Table.Unknown()
			if len(m.Value) > 0 {
				staged = o.union(m.Value)
			}
			op := opStaged
			if m.Staged == models.Condition {
				op = StagedCondition
			}
			s.outs = append(s.outs, summary.Out{Param: 0, Value: f.engine.Table.Apply(op, staged)})
			continue
		}
		head, rest, _ := strings.Cut(strings.ReplaceAll(string(p), "[]", ".[]"), ".")
		if k, err := strconv.Atoi(strings.TrimPrefix(head, "arg")); err == nil && strings.HasPrefix(head, "arg") {
			out := summary.Out{Param: k + shift, Value: o.contentValue(m, key, inst)}
			if rest != "" {
				out.Path = strings.Split(rest, ".")
			}
			s.outs = append(s.outs, out)
		}
	}
	if m.Role == models.Spawn {
		s.spawns = true
		f.callbacks(s, inst)
		return
	}
	if !hasEffect(m.Role) {
		return
	}
	x := o.effect(m, key, inst)
	if text != nil {
		text.fill(o, m, &x)
	}
	x.Pos = f.engine.Pos(s.in.Pos())
	x.Dropped = dropsError(s.in)
	if m.Role == models.Renew {
		x.Dropped = m.NewReceipt != "" && dropsReceipt(s.in, m.NewReceipt)
	}
	s.serial = x.Slots[summary.Duration]
	if m.Role == models.Wait && m.Repeats {
		// A ticker's creation takes no time: its ticks do.
		s.serial = nil
	}
	if m.Role == models.Renew || m.Role == models.Receive || m.Role == models.Settle {
		s.serial = nil
	}
	s.settles = m.Role == models.Settle
	s.effects = []summary.Effect{x}
}

// effect is what the call does, by its model.
func (o *operands) effect(m *models.Call, key *value.Value, inst uint64) summary.Effect {
	x := summary.Effect{Role: m.Role, Func: m.Func, Inst: inst}
	x.Slots[summary.Key] = key
	x.Slots[summary.Content] = o.union(m.Value)
	if m.Commits != "" && m.Commits != "recv" {
		x.Slots[summary.Content] = o.at(m.Commits)
	}
	x.Slots[summary.IfMatch] = o.union(m.IfMatch)
	x.Slots[summary.IfNoneMatch] = o.union(m.IfNoneMatch)
	x.Slots[summary.Conditions] = o.list(m.Conditions)
	x.Slots[summary.Message] = o.at(m.Message)
	x.Slots[summary.Receipt] = o.at(m.Receipt)
	x.Slots[summary.Lease] = o.quantity(m.Lease)
	x.Slots[summary.Batch] = o.quantity(m.Batch)
	x.Slots[summary.Dedup] = o.list(m.DedupID)
	x.Slots[summary.Client] = o.recv
	if m.Role == models.Receive && m.Mode != "" {
		x.Slots[summary.Client] = o.e.Table.Node(value.Apply, 0, 0, m.Func, append([]*value.Value{o.recv}, o.args...)...)
	}
	x.Slots[summary.Verb] = o.verb(m)
	x.Slots[summary.Duration] = o.duration(m)
	return x
}

// modelSummary is a modelled function as a summary, for calls that reach it through
// an interface or a function value.
func (e *Engine) modelSummary(m *models.Call) *summary.Summary {
	if s, ok := e.modelSums[m.Func]; ok {
		return s
	}
	t := e.Table
	n := 0
	o := &operands{e: e}
	param := func() *value.Value {
		n++
		return t.Leaf(value.Param, n-1, 0, "")
	}
	if strings.HasPrefix(m.Func, "(") {
		o.recv = param()
	}
	for range 8 {
		o.args = append(o.args, param())
	}
	key := o.address(m)
	inst := e.instanceOf(m.Func)
	s := &summary.Summary{Name: m.Func, Params: n, Settles: m.Role == models.Settle}
	results, fails := 2, true
	if m.Said {
		results, fails = m.Results, m.Fails
	}
	for i := range results {
		s.Results = append(s.Results, o.result(m, key, inst, i, fails && i == results-1))
	}
	o.results = s.Results
	if hasEffect(m.Role) {
		x := o.effect(m, key, inst)
		x.Held, x.Escapes = true, m.Role == models.Receive
		s.Effects = []summary.Effect{x}
		s.Serial = x.Slots[summary.Duration]
		if works(m.Role) || s.Settles {
			s.Until = s.Serial
		}
		if fails {
			s.Outcomes = modelOutcomes(m, results)
		} else {
			s.Outcomes = []summary.Outcome{modelOutcome(m, summary.Outcome{Custody: summary.Held, Results: make([]summary.Known, results)})}
		}
	}
	e.modelSums[m.Func] = s
	return s
}

func hasEffect(r models.Role) bool {
	switch r {
	case models.Fresh, models.Local, models.Client, models.Address, models.Same, models.Condition, models.Deadline, models.Detach, models.Cancellable, models.Subscribe:
		return false
	}
	return true
}

// verb is the HTTP method of an external call: fixed by the call, or that of the
// request it is given.
func (o *operands) verb(m *models.Call) *value.Value {
	if m.FixedVerb != "" {
		return o.e.Table.Const(m.FixedVerb)
	}
	if m.Statement != "" {
		return o.at(m.Statement)
	}
	if m.Verb == "" {
		return nil
	}
	return o.at(m.Verb)
}

// Verb is the constant HTTP method that a verb stands for, or "".
func Verb(v *value.Value) string {
	if v == nil {
		return ""
	}
	if v.Kind == value.Const {
		return v.Text
	}
	found := ""
	value.Walk(v, func(x *value.Value) bool {
		if x.Kind != value.Apply || found != "" {
			return found == ""
		}
		at := -1
		switch x.Text {
		case "net/http.NewRequest":
			at = 0
		case "net/http.NewRequestWithContext":
			at = 1
		}
		if at >= 0 && at < len(x.Args) && x.Args[at].Kind == value.Const {
			found = x.Args[at].Text
		}
		return true
	})
	return found
}

func (o *operands) contentValue(m *models.Call, key *value.Value, inst uint64) *value.Value {
	if m.Role == models.Fresh {
		return o.e.Table.Leaf(value.Fresh, int(m.Fresh), inst, m.Func)
	}
	return o.e.Table.Node(value.Read, int(m.Role), inst, m.Func, key)
}

func (o *operands) result(m *models.Call, key *value.Value, inst uint64, i int, isErr bool) *value.Value {
	t := o.e.Table
	if isErr && m.Role == models.Same && len(m.Content) > 0 {
		return o.copyError(m, i, inst)
	}
	if isErr && m.Role != models.Same {
		return t.Node(value.Apply, i, inst, "error of "+m.Func)
	}
	switch m.Role {
	case models.Fresh:
		return t.Leaf(value.Fresh, int(m.Fresh), inst, m.Func)
	case models.Same:
		if len(m.Value) > 0 {
			return o.given(m, o.union(m.Value))
		}
		if o.recv != nil {
			return o.recv
		}
		return o.at("arg0")
	case models.Address:
		return o.given(m, key)
	case models.Client, models.Subscribe:
		all := o.args
		if o.recv != nil {
			all = append([]*value.Value{o.recv}, all...)
		}
		return t.Node(value.Apply, i, 0, m.Func, all...)
	case models.Read, models.List:
		return t.Node(value.Read, int(m.Role), inst, m.Func, key)
	case models.Peek:
		return t.Unknown()
	case models.Receive:
		return t.Node(value.Received, i, inst, m.Func, key)
	case models.Renew:
		return t.Node(value.Renewed, i, inst, m.Func)
	case models.Deadline, models.Cancellable:
		if i > 0 {
			return t.Leaf(value.Func, 0, 0, cancelFunc)
		}
		if m.Role == models.Cancellable {
			return t.Apply("cancellable", o.at("arg0"))
		}
		return t.Node(value.Apply, i, inst, opDeadline, o.at("arg0"), o.deadlineOf(m))
	case models.Detach:
		return t.Apply("detached", o.at("arg0"))
	case models.Write, models.Create, models.Append, models.Remove, models.Stage:
		return t.Node(value.Written, i, inst, m.Func, key)
	case models.Wait:
		if m.Repeats {
			return t.Node(value.Apply, i, inst, "ticker", o.quantity(m.Timeout))
		}
		return t.Node(value.Apply, i, inst, m.Func)
	}
	return t.Node(value.Apply, i, inst, m.Func, o.args...)
}
