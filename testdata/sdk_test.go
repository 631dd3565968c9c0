package testdata_test

import (
	"fmt"
	"go/constant"
	"go/types"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/idemlint/idemlint/models"
	"golang.org/x/tools/go/packages"
)

// sdks are the real packages that the models speak of: types only, from export data.
type sdks struct {
	packages map[string]*types.Package
	// funcs holds every function and method a caller can name or reach, by the full
	// name that a call of it has: promoted methods under the type that declares them,
	// aliased types under their real name.
	funcs map[string]*types.Func
	// owners tells through which package a function was found.
	owners map[string][]string
}

var loadSDKs = sync.OnceValues(func() (*sdks, error) {
	want := map[string]bool{}
	for _, m := range models.All() {
		for _, p := range m.Packages {
			want[p] = true
		}
		for _, c := range m.Calls {
			want[packageOf(c.Func)] = true
		}
		for _, msg := range m.Messages {
			want[packageOf(msg.Type)] = true
		}
		for _, r := range m.Retries {
			want[packageOf(r.Type)] = true
		}
	}
	var patterns []string
	compiler := hasC()
	for p := range want {
		if compiler || !slices.Contains(needC, p) {
			patterns = append(patterns, p)
		}
	}
	slices.Sort(patterns)
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedImports | packages.NeedTypes,
	}, patterns...)
	if err != nil {
		return nil, err
	}
	s := &sdks{
		packages: map[string]*types.Package{},
		funcs:    map[string]*types.Func{},
		owners:   map[string][]string{},
	}
	for _, p := range pkgs {
		if len(p.Errors) > 0 {
			return nil, fmt.Errorf("%s: %v", p.PkgPath, p.Errors)
		}
		s.packages[p.PkgPath] = p.Types
		s.scan(p.Types)
	}
	return s, nil
})

// needC are packages of cgo: without a C compiler there are no types to read.
var needC = []string{"github.com/confluentinc/confluent-kafka-go/v2/kafka"}

// hasC reports whether the go command can compile packages of cgo.
func hasC() bool {
	out, err := exec.Command("go", "env", "CGO_ENABLED", "CC").Output()
	enabled, compiler, _ := strings.Cut(string(out), "\n")
	command := strings.Fields(compiler)
	if err != nil || enabled != "1" || len(command) == 0 {
		return false
	}
	_, err = exec.LookPath(command[0])
	return err == nil
}

// unreadable is the model's package that could not be read for want of a compiler, or "".
func (s *sdks) unreadable(m models.Model) string {
	for _, p := range m.Packages {
		if s.packages[p] == nil && slices.Contains(needC, p) {
			return p
		}
	}
	return ""
}

func load(t *testing.T) *sdks {
	t.Helper()
	s, err := loadSDKs()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// packageOf cuts the import path out of a full name.
func packageOf(fullName string) string {
	name := fullName
	if strings.HasPrefix(name, "(") {
		name = strings.TrimPrefix(strings.TrimPrefix(name, "("), "*")
		name = name[:strings.LastIndex(name, ").")]
	}
	dir, base := "", name
	if i := strings.LastIndex(name, "/"); i >= 0 {
		dir, base = name[:i+1], name[i+1:]
	}
	// A package's own name may have a dot: nats.go.
	return dir + base[:strings.LastIndex(base, ".")]
}

// scan records what the package exports.
func (s *sdks) scan(p *types.Package) {
	add := func(f *types.Func) {
		f = f.Origin()
		if !f.Exported() {
			return
		}
		s.funcs[f.FullName()] = f
		if !slices.Contains(s.owners[f.FullName()], p.Path()) {
			s.owners[f.FullName()] = append(s.owners[f.FullName()], p.Path())
		}
	}
	for _, name := range p.Scope().Names() {
		switch obj := p.Scope().Lookup(name).(type) {
		case *types.Func:
			add(obj)
		case *types.TypeName:
			if !obj.Exported() {
				continue
			}
			t := types.Unalias(obj.Type())
			if !types.IsInterface(t) {
				t = types.NewPointer(t)
			}
			for sel := range types.NewMethodSet(t).Methods() {
				add(sel.Obj().(*types.Func))
			}
			for _, field := range hidden(t) {
				for sel := range types.NewMethodSet(field).Methods() {
					add(sel.Obj().(*types.Func))
				}
			}
		}
	}
}

// hidden lists the types of a struct's exported fields that have no exported name
// themselves: stripe.Client's services.
func hidden(t types.Type) []types.Type {
	var list []types.Type
	if s, ok := deref(t).Underlying().(*types.Struct); ok {
		for f := range s.Fields() {
			if n, ok := types.Unalias(deref(f.Type())).(*types.Named); ok && f.Exported() && !n.Obj().Exported() && n.Obj().Pkg() != nil && !types.IsInterface(n) {
				list = append(list, types.NewPointer(n))
			}
		}
	}
	return list
}

// lookup finds a type by its full name.
func (s *sdks) lookup(fullName string) (types.Type, error) {
	pkg := packageOf(fullName)
	p := s.packages[pkg]
	if p == nil {
		return nil, fmt.Errorf("no package %s", pkg)
	}
	name := strings.TrimPrefix(fullName, pkg+".")
	obj, ok := p.Scope().Lookup(name).(*types.TypeName)
	if !ok {
		return nil, fmt.Errorf("no type %s in %s", name, pkg)
	}
	// The engine asks with the real type's name: an alias would never be asked for.
	if got := typeName(obj.Type()); got != fullName {
		return nil, fmt.Errorf("%s is an alias: the type is %s", fullName, got)
	}
	return obj.Type(), nil
}

// resolve finds the type of what a path points at.
func resolve(f *types.Func, path models.Path) (types.Type, error) {
	sig := f.Signature()
	root, rest := string(path), ""
	if i := strings.IndexAny(root, ".["); i >= 0 {
		root, rest = root[:i], root[i:]
	}
	var t types.Type
	switch {
	case root == "recv":
		if sig.Recv() == nil {
			return nil, fmt.Errorf("%q: not a method", path)
		}
		t = sig.Recv().Type()
	case strings.HasPrefix(root, "arg"), strings.HasPrefix(root, "ret"):
		tuple := sig.Params()
		if root[0] == 'r' {
			tuple = sig.Results()
		}
		n, err := strconv.Atoi(root[3:])
		if err != nil || n < 0 || n >= tuple.Len() {
			return nil, fmt.Errorf("%q: %s is not one of %d", path, root, tuple.Len())
		}
		t = tuple.At(n).Type()
	default:
		return nil, fmt.Errorf("%q starts with neither recv, argN nor retN", path)
	}
	for rest != "" {
		if strings.HasPrefix(rest, "[]") {
			rest = rest[2:]
			switch u := deref(t).Underlying().(type) {
			case *types.Slice:
				t = u.Elem()
			case *types.Array:
				t = u.Elem()
			case *types.Map:
				t = u.Elem()
			case *types.Chan:
				t = u.Elem()
			default:
				return nil, fmt.Errorf("%q: %s has no elements", path, t)
			}
			continue
		}
		name := rest[1:]
		if i := strings.IndexAny(name, ".["); i >= 0 {
			name = name[:i]
		}
		rest = rest[1+len(name):]
		var err error
		if t, err = field(t, name); err != nil {
			return nil, fmt.Errorf("%q: %w", path, err)
		}
	}
	return t, nil
}

// field finds an exported field that the struct itself declares: embedded fields are
// written out in a path.
func field(t types.Type, name string) (types.Type, error) {
	if types.IsInterface(t) {
		return part(t, name)
	}
	st, ok := deref(t).Underlying().(*types.Struct)
	if !ok {
		return nil, fmt.Errorf("%s is no struct", t)
	}
	for f := range st.Fields() {
		if f.Name() == name && f.Exported() {
			return f.Type(), nil
		}
	}
	return nil, fmt.Errorf("%s has no field %s", t, name)
}

// part finds what an interface's method of that name returns: a model writes it as a
// field, since the type behind the interface has no fields that code could name.
func part(t types.Type, name string) (types.Type, error) {
	m, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
	if f, ok := m.(*types.Func); ok && f.Exported() && f.Signature().Params().Len() == 0 && f.Signature().Results().Len() == 1 {
		return f.Signature().Results().At(0).Type(), nil
	}
	return nil, fmt.Errorf("%s has no method %s that only returns something", t, name)
}

// deref looks through pointers and aliases.
func deref(t types.Type) types.Type {
	for {
		t = types.Unalias(t)
		p, ok := t.(*types.Pointer)
		if !ok {
			return t
		}
		t = p.Elem()
	}
}

// typeName is the full name of a named type, looking through pointers and aliases.
func typeName(t types.Type) string {
	n, ok := deref(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return deref(t).String()
	}
	return n.Obj().Pkg().Path() + "." + n.Obj().Name()
}

// constants lists the constants of a type, by exact value, wherever it or its aliases
// declare them.
func (s *sdks) constants(t types.Type) map[string][]string {
	found := map[string][]string{}
	want := deref(t)
	if types.Identical(want, types.Typ[types.Bool]) {
		return map[string][]string{"true": {"true"}, "false": {"false"}}
	}
	for _, p := range s.packages {
		for _, name := range p.Scope().Names() {
			c, ok := p.Scope().Lookup(name).(*types.Const)
			if ok && c.Exported() && types.Identical(types.Unalias(c.Type()), want) {
				found[exact(c.Val())] = append(found[exact(c.Val())], p.Path()+"."+name)
			}
		}
	}
	return found
}

func exact(v constant.Value) string { return v.ExactString() }
