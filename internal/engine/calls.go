package engine

import (
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/idemlint/idemlint/internal/stdlib"
	"github.com/idemlint/idemlint/internal/summary"
	"github.com/idemlint/idemlint/internal/value"
	"github.com/idemlint/idemlint/models"
)

// site is what is known of one call.
type site struct {
	in       ssa.CallInstruction
	model    *models.Call
	effects  []summary.Effect
	outcomes []summary.Outcome
	results  []*value.Value
	outs     []summary.Out
	windows  []summary.Window
	serial   *value.Value
	until    *value.Value
	parallel *value.Value
	// spawns: the function it is given runs in a goroutine of its own.
	spawns  bool
	settles bool
	// args are the operands' values, receiver first.
	args []*value.Value
	// known: something is known of the callee.
	known bool
	// throughValue: the callee is an unresolved function value, which stands first
	// among the args.
	throughValue bool
	// filled: the site has been looked at to the end.
	filled bool
}

// Indices of a Dyn value that are not results.
const (
	dynSerial = -1
	dynUntil  = -2
	dynOut    = 100
)

// site looks at a call, once.
func (f *function) site(in ssa.CallInstruction) *site {
	if s, ok := f.sites[in]; ok {
		if !s.filled {
			f.partial++
		}
		return s
	}
	s := &site{in: in}
	f.sites[in] = s
	before := f.partial + f.cut
	f.filling++
	f.fill(s)
	f.filling--
	s.filled = true
	if f.partial+f.cut != before && (f.filling > 0 || len(f.busy) > 0) {
		// It was looked at while another was: what it saw may be incomplete.
		delete(f.sites, in)
	}
	return s
}

func (f *function) fill(s *site) {
	e := f.engine
	common := s.in.Common()
	if b, ok := common.Value.(*ssa.Builtin); ok {
		for _, a := range common.Args {
			s.args = append(s.args, f.eval(a, s.in))
		}
		s.results = []*value.Value{e.Table.Apply(b.Name(), s.args...)}
		s.known = true
		return
	}
	inst := e.instanceAt(s.in.Pos(), common.String())
	if common.IsInvoke() {
		s.args = append(s.args, f.eval(common.Value, s.in))
	}
	for _, a := range common.Args {
		s.args = append(s.args, f.eval(a, s.in))
	}
	name := ""
	switch callee := common.StaticCallee(); {
	case common.IsInvoke():
		name = common.Method.FullName()
		if m := e.modelOf(common.Method); m != nil {
			f.modelled(s, m, inst)
			return
		}
		targets := e.targets(s.args[0], name, s.args[1:])
		switch {
		case len(targets) > 0:
			e.fold(s, targets, e.Pos(s.in.Pos()), inst)
		case standard(common.Method.Pkg()):
			f.opaque(s, name, inst)
		default:
			f.dynamic(s, name, inst)
		}
		return
	case callee != nil:
		name = modelName(callee)
		m := e.Index.Call(name)
		if m == nil {
			m = e.handlerOf(callee)
		}
		if m != nil {
			f.modelled(s, m, inst)
			return
		}
		t := target{name: nameOf(callee), args: s.args}
		if mc := closureOf(common.Value); mc != nil {
			for _, b := range mc.Bindings {
				t.frees = append(t.frees, f.eval(b, s.in))
			}
		}
		t.sum = e.Summary(t.name)
		if own := e.resolveBound(callee); own != nil {
			t.sum = own.sum
			if own.sum == nil {
				// A call cycle: the callee is being looked at.
				s.known = true
				f.unknownResults(s, e.Table.Loop())
				return
			}
		} else if t.sum == nil && name != "" {
			t.sum = e.Summary(name)
		}
		if t.sum != nil {
			t.args = e.typeArguments(callee, t.args, common)
			e.fold(s, []target{t}, e.Pos(s.in.Pos()), inst)
			f.widen(s, callee)
			return
		}
		f.opaque(s, name, inst)
		return
	}
	if m := e.typed(common); m != nil {
		f.modelled(s, m, inst)
		return
	}
	fv := f.eval(common.Value, s.in)
	if targets := e.targets(fv, "", s.args); len(targets) > 0 {
		e.fold(s, targets, e.Pos(s.in.Pos()), inst)
		return
	}
	if fv.Kind == value.Func && fv.Text == cancelFunc {
		s.known = true
		return
	}
	s.args = append([]*value.Value{fv}, s.args...)
	s.throughValue = true
	f.dynamic(s, "", inst)
}

// widen makes results that no summary could name depend on the arguments.
func (f *function) widen(s *site, callee *ssa.Function) {
	n := callee.Signature.Results().Len()
	for len(s.results) < n {
		s.results = append(s.results, f.engine.Table.Unknown())
	}
}

func (f *function) unknownResults(s *site, v *value.Value) {
	for range s.in.Common().Signature().Results().Len() {
		s.results = append(s.results, v)
	}
}

// typeArguments boxes arguments given for a type parameter, so that method calls
// on it find the concrete type in another package's generic function.
func (e *Engine) typeArguments(callee *ssa.Function, args []*value.Value, common *ssa.CallCommon) []*value.Value {
	o := callee.Origin()
	if o == nil || o == callee || e.byFunc[callee] != nil {
		return args
	}
	params := o.Signature.Params()
	shift := len(args) - params.Len()
	out := append([]*value.Value(nil), args...)
	for i := range params.Len() {
		if _, ok := types.Unalias(params.At(i).Type()).(*types.TypeParam); ok && shift+i >= 0 && shift+i < len(common.Args) {
			out[shift+i] = e.Table.Boxed(boxName(common.Args[shift+i].Type()), args[shift+i])
		}
	}
	return out
}

// dynamic is a call through an interface or function value that is not resolved:
// it stays symbolic. args[0] is the interface or function value.
func (f *function) dynamic(s *site, method string, inst uint64) {
	t := f.engine.Table
	sig := s.in.Common().Signature()
	node := func(i int) *value.Value {
		return t.Node(value.Dyn, i, inst, method, s.args...)
	}
	for i := range sig.Results().Len() {
		if f.engine.arrives(element(sig.Results().At(i).Type())) {
			// Whatever is behind the interface, what it returns is a message.
			s.results = append(s.results, t.Node(value.Received, 0, inst, method, s.args[0]))
			f.receiveUnknown(s, method, inst)
			continue
		}
		s.results = append(s.results, node(i))
	}
	if !inert(method) {
		eff := summary.Effect{Role: summary.Dynamic, Func: method, Inst: inst, Pos: f.engine.Pos(s.in.Pos())}
		eff.Slots[summary.Callee] = s.args[0]
		eff.Slots[summary.Args] = t.List(s.args[1:]...)
		s.outcomes = f.outcomesOfHeld(s, method)
		s.serial, s.until = node(dynSerial), node(dynUntil)
		eff.Slots[summary.Duration] = s.until
		s.effects = append(s.effects, eff)
	}
	for j := 0; j < sig.Params().Len(); j++ {
		if refers(sig.Params().At(j).Type()) && !isFunc(sig.Params().At(j).Type()) {
			s.outs = append(s.outs, summary.Out{Param: j + 1, Value: node(dynOut + j)})
		}
	}
	f.callbacks(s, inst)
}

func isError2(results []*value.Value, sig *types.Signature) bool {
	return len(results) > 0 && sig != nil
}

// inert are interface methods that neither wait nor reach a store.
func inert(method string) bool {
	switch {
	case strings.HasSuffix(method, ".Error"), strings.HasSuffix(method, ".String"):
		return true
	}
	return false
}

// receiveUnknown opens a window at a call that returns messages from a queue that
// is not in sight.
func (f *function) receiveUnknown(s *site, method string, inst uint64) {
	eff := summary.Effect{Role: models.Receive, Func: method, Inst: inst, Pos: f.engine.Pos(s.in.Pos())}
	s.effects = append(s.effects, eff)
}

// opaque is a call of a function without summary or model.
func (f *function) opaque(s *site, name string, inst uint64) {
	t := f.engine.Table
	common := s.in.Common()
	sig := common.Signature()
	operands := common.Args
	if common.IsInvoke() {
		operands = append([]ssa.Value{common.Value}, operands...)
	}
	var sources []*value.Value
	for i, a := range operands {
		if isContext(a.Type()) && len(operands) > 1 && !carriesContext(sig) {
			continue
		}
		sources = append(sources, s.args[i])
	}
	for i := range sig.Results().Len() {
		s.results = append(s.results, t.Node(value.Apply, i, 0, name, sources...))
	}
	if !readOnly(name) {
		for i, a := range operands {
			if refers(a.Type()) && !isFunc(a.Type()) {
				others := make([]*value.Value, 0, len(sources))
				for j, o := range s.args {
					if j != i && !isContext(operands[j].Type()) {
						others = append(others, o)
					}
				}
				if len(others) > 0 {
					s.outs = append(s.outs, summary.Out{Param: i, Value: t.Apply(name, others...)})
				}
			}
		}
	}
	if outside(name, sig) {
		eff := summary.Effect{Role: summary.Opaque, Func: name, Inst: inst, Pos: f.engine.Pos(s.in.Pos())}
		eff.Slots[summary.Args] = t.List(s.args...)
		s.effects = append(s.effects, eff)
	}
	f.callbacks(s, inst)
}

// carriesContext reports whether what a function returns keeps the context it was
// given: a request, a command.
func carriesContext(sig *types.Signature) bool {
	if sig.Results().Len() == 0 {
		return false
	}
	switch typeName(sig.Results().At(0).Type()) {
	case "net/http.Request", "os/exec.Cmd":
		return true
	}
	return isContext(sig.Results().At(0).Type())
}

// callbacks assumes that function literals given to a callee that cannot be looked
// into are called by it.
func (f *function) callbacks(s *site, inst uint64) {
	e := f.engine
	var targets []target
	for i, a := range s.in.Common().Args {
		if !isFunc(a.Type()) {
			continue
		}
		v := s.args[len(s.args)-len(s.in.Common().Args)+i]
		for _, t := range e.targets(v, "", nil) {
			if t.sum != nil {
				for len(t.args) < t.sum.Params {
					t.args = append(t.args, e.Table.Unknown())
				}
				targets = append(targets, t)
			}
		}
	}
	if len(targets) == 0 {
		return
	}
	inner := &site{in: s.in}
	e.fold(inner, targets, e.Pos(s.in.Pos()), inst)
	s.effects = append(s.effects, inner.effects...)
	s.outs = append(s.outs, inner.outs...)
	s.windows = append(s.windows, inner.windows...)
	s.settles = inner.settles
	s.serial = e.sum(s.serial, inner.serial)
	s.until = e.sum(s.until, inner.until)
	s.parallel = e.larger(s.parallel, inner.parallel)
	sig := s.in.Common().Signature()
	if n := sig.Results().Len(); n > 0 && isError(sig.Results().At(n-1).Type()) {
		// retry.Do(func() error { … }): its error is the function's.
		for _, o := range inner.outcomes {
			if len(o.Results) > 0 {
				last := o.Results[len(o.Results)-1]
				o.Results = make([]summary.Known, n)
				o.Results[n-1] = last
			}
			s.outcomes = append(s.outcomes, o)
		}
		return
	}
	s.outcomes = slices.Clone(inner.outcomes)
	for i := range s.outcomes {
		o := &s.outcomes[i]
		o.Raises = len(o.Results) > 0 && o.Results[len(o.Results)-1] == summary.Present
		s.outcomes[i].Results = nil
	}
}

// readOnly are functions known to leave what their arguments point to as it is.
func readOnly(name string) bool {
	for _, p := range [...]string{"fmt.Print", "fmt.Sprint", "fmt.Errorf", "fmt.Fprint", "log.", "(*log.", "log/slog.", "(*log/slog.",
		"errors.", "strings.", "strconv.", "encoding/json.Marshal", "path", "context.", "bytes.New", "bytes.Equal",
		"slices.Contains", "slices.Index", "slices.Equal", "slices.BinarySearch", "slices.Max", "slices.Min", "slices.Clone",
		"slices.IsSorted", "slices.Values", "slices.All", "slices.Sorted", "slices.Collect", "maps.Keys", "maps.Values",
		"maps.Clone", "maps.Equal", "sort.Search", "sort.IsSorted", "sort.SliceIsSorted", "cmp.", "reflect.DeepEqual",
		"time.", "(time.Time).", "unicode", "crypto/sha", "crypto/md5.", "encoding/hex.EncodeToString", "(*encoding/base64.Encoding).EncodeToString",
		"go.uber.org/zap", "(*go.uber.org/zap", "github.com/sirupsen/logrus", "(*github.com/sirupsen/logrus"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// outside reports whether a function without a model may reach beyond the process:
// it is not the standard library's, takes a context and can fail.
func outside(name string, sig *types.Signature) bool {
	path, _, _ := strings.Cut(strings.TrimLeft(name, "(*"), ".")
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		path = strings.TrimLeft(name[:i], "(*")
	}
	if path == "" || stdlib.Has(path) {
		return false
	}
	return remote(sig)
}

// remote reports whether a signature takes a context and can fail.
func remote(sig *types.Signature) bool {
	n := sig.Results().Len()
	if n == 0 || !isError(sig.Results().At(n-1).Type()) {
		return false
	}
	for i := range sig.Params().Len() {
		if isContext(sig.Params().At(i).Type()) {
			return true
		}
	}
	return false
}

// leaves reports, without looking at the operands, that a call leaves what an
// argument points to as it is.
func (f *function) leaves(common *ssa.CallCommon, arg int) bool {
	if common.IsInvoke() {
		m := f.engine.modelOf(common.Method)
		return m != nil && len(m.Content) == 0
	}
	callee := common.StaticCallee()
	if callee == nil {
		return false
	}
	name := modelName(callee)
	if m := f.engine.Index.Call(name); m != nil {
		return len(m.Content) == 0 && m.Role != models.Spawn
	}
	own := f.engine.resolveBound(callee)
	if own == nil {
		return readOnly(name)
	}
	if arg < 0 || own.sum == nil || hasCallback(common) {
		return false
	}
	for _, o := range own.sum.Outs {
		if o.Param == arg {
			return false
		}
	}
	return true
}

func hasCallback(common *ssa.CallCommon) bool {
	for _, a := range common.Args {
		if isFunc(a.Type()) {
			return true
		}
	}
	return false
}

func (f *function) result(c *ssa.Call, i int) *value.Value {
	s := f.site(c)
	if i < len(s.results) {
		return s.results[i]
	}
	if !s.filled {
		f.partial++
	}
	return f.engine.Table.Unknown()
}

// callOut is what a call leaves at a place that one of its arguments points to.
func (f *function) callOut(d def, p place) (*value.Value, bool) {
	in := d.in.(ssa.CallInstruction)
	common := in.Common()
	if f.leaves(common, d.arg) {
		return nil, false
	}
	s := f.site(in)
	index := d.arg
	if d.arg < 0 {
		index = len(common.Args) + (-1 - d.arg)
	} else if common.IsInvoke() || s.throughValue {
		index++
	}
	var weak []*value.Value
	for _, o := range s.outs {
		if o.Param != index {
			continue
		}
		full := append(append([]string(nil), d.path...), o.Path...)
		if hasPrefix(p.path, full) {
			v := o.Value
			for _, step := range p.path[len(full):] {
				v = f.step(v, step)
			}
			if s.model != nil && s.model.Role != models.Stage {
				return v, true
			}
			weak = append(weak, v)
		}
	}
	if len(weak) == 0 {
		return nil, false
	}
	return f.engine.Table.Union(weak...), false
}
