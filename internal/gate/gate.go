// Package gate decides, before any SSA is built, whether a package can matter:
// whether it reaches a modelled call, a function with a fact, or a store or queue
// behind an interface of the house.
package gate

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/internal/stdlib"
	"github.com/idemlint/idemlint/models"
)

// Open reports whether the package is worth a closer look. Only packages of the
// modules under development are: SDKs are known by their models. A package that says by
// directives what it does is.
func Open(pass *analysis.Pass, ix *models.Index, hasFact func(*types.Package) bool, says bool) bool {
	if m := pass.Module; m != nil && m.Version != "" || (m == nil || m.Path == "") && stdlib.Has(pass.Pkg.Path()) {
		return false
	}
	if says {
		return true
	}
	for _, p := range pass.Pkg.Imports() {
		if ix.Opens(p.Path()) || hasFact(p) {
			return true
		}
	}
	return callsOutside(pass) || waits(pass, ix)
}

// smallest is the size in bytes up to which a package is looked at only because it
// waits or draws what is fresh: helpers are small, and large packages that reach no
// queue and no store must cost nothing.
const smallest = 16 << 10

func size(pass *analysis.Pass) int {
	n := 0
	for _, f := range pass.Files {
		n += int(f.FileEnd - f.FileStart)
	}
	return n
}

// waits reports whether the package calls something outside the process, waits, or
// draws what is fresh or reckons with time: importers with a window want to know.
func waits(pass *analysis.Pass, ix *models.Index) bool {
	if pass.Pkg.Name() == "main" || size(pass) > smallest {
		return false
	}
	for _, obj := range pass.TypesInfo.Uses {
		fn, ok := obj.(*types.Func)
		if !ok || fn.Pkg() == nil {
			continue
		}
		switch fn.FullName() {
		case "(time.Time).Add", "(time.Time).AddDate":
			return true
		}
		if c := ix.Call(fn.FullName()); c != nil && (c.Role == models.External && fn.Pkg().Path() == "net/http" || c.Role == models.Wait || c.Role == models.Fresh && c.Fresh == models.Random) {
			return true
		}
	}
	return false
}

// callsOutside reports whether the package calls what looks like a store or a queue,
// a function or method that takes a context and can fail: through an interface
// declared in a module (not in the standard library), or of another module.
func callsOutside(pass *analysis.Pass) bool {
	for _, sel := range pass.TypesInfo.Selections {
		if fn, ok := sel.Obj().(*types.Func); ok && sel.Kind() != types.FieldVal && types.IsInterface(sel.Recv()) && remote(fn) {
			return true
		}
	}
	for _, obj := range pass.TypesInfo.Uses {
		if fn, ok := obj.(*types.Func); ok && remote(fn) && !within(pass, fn.Pkg().Path()) {
			return true
		}
	}
	return false
}

func remote(fn *types.Func) bool {
	if fn.Pkg() == nil || stdlib.Has(fn.Pkg().Path()) {
		return false
	}
	sig := fn.Signature()
	if sig.Params().Len() == 0 || sig.Results().Len() == 0 {
		return false
	}
	return isNamed(sig.Params().At(0).Type(), "context", "Context") && isNamed(sig.Results().At(sig.Results().Len()-1).Type(), "", "error")
}

// within reports whether a package belongs to the module of the one under analysis.
func within(pass *analysis.Pass, path string) bool {
	if pass.Module == nil || pass.Module.Path == "" {
		return path == pass.Pkg.Path()
	}
	return path == pass.Module.Path || strings.HasPrefix(path, pass.Module.Path+"/")
}

func isNamed(t types.Type, pkg, name string) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Name() != name {
		return false
	}
	if n.Obj().Pkg() == nil {
		return pkg == ""
	}
	return n.Obj().Pkg().Path() == pkg
}
