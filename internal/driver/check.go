package driver

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// check parses and type-checks the packages chosen, in parallel, each after the
// packages that it imports.
func (g *graph) check(progress func(string)) {
	imp := &exports{fset: g.fset, packages: map[string]*types.Package{"unsafe": types.Unsafe}}
	total, done := 0, atomic.Int32{}
	for _, n := range g.nodes {
		if n.source {
			total++
		}
	}
	limit := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for _, n := range g.nodes {
		if !n.source {
			close(n.ready)
			continue
		}
		wg.Go(func() {
			defer close(n.ready)
			for _, i := range n.imports {
				<-i.ready
			}
			limit <- struct{}{}
			defer func() { <-limit }()
			progress(fmt.Sprintf("type-checking %d of %d packages", done.Add(1), total))
			n.check(g.fset, imp)
		})
	}
	wg.Wait()
}

// exports imports packages from their export data, each once.
type exports struct {
	fset     *token.FileSet
	mu       sync.Mutex
	packages map[string]*types.Package // by path
}

func (e *exports) read(n *node) (*types.Package, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if p := e.packages[n.PkgPath]; p != nil && p.Complete() {
		return p, nil
	}
	if n.ExportFile == "" {
		return nil, errNoExport
	}
	f, err := os.Open(n.ExportFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gcexportdata.NewReader(f)
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(r, e.fset, e.packages, n.PkgPath)
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// check fills in the package's syntax and types, and its first error.
func (n *node) check(fset *token.FileSet, imp *exports) {
	n.Fset = fset
	n.Types = types.NewPackage(n.PkgPath, n.Name)
	n.TypesInfo = &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Instances:    map[*ast.Ident]types.Instance{},
		Scopes:       map[ast.Node]*types.Scope{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		FileVersions: map[*ast.File]string{},
	}
	var errs []error
	for _, name := range n.CompiledGoFiles {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.AllErrors|parser.SkipObjectResolution)
		if err != nil {
			errs = append(errs, err)
		}
		if f != nil {
			n.Syntax = append(n.Syntax, f)
		}
	}
	byPath := map[string]*node{}
	for _, i := range n.imports {
		byPath[i.ID] = i
	}
	cfg := &types.Config{
		Importer: importerFunc(func(path string) (*types.Package, error) {
			if path == "unsafe" {
				return types.Unsafe, nil
			}
			p := n.Imports[path]
			if p == nil {
				return nil, fmt.Errorf("package %s is not in the go command's answer", path)
			}
			i := byPath[p.ID]
			if i.source {
				return i.Types, nil
			}
			return imp.read(i)
		}),
		IgnoreFuncBodies: !n.bodies,
		Sizes:            n.TypesSizes,
		Error:            func(err error) { errs = append(errs, err) },
	}
	if n.Module != nil && n.Module.GoVersion != "" {
		cfg.GoVersion = "go" + n.Module.GoVersion
	}
	err := types.NewChecker(cfg, fset, n.Types, n.TypesInfo).Files(n.Syntax)
	if err != nil && len(errs) == 0 {
		errs = append(errs, err)
	}
	n.firstly = n.first(errs)
	n.IllTyped = n.firstly != nil
}

// first is the first thing wrong with a package, by position: what the parser and the
// type checker say, or else what the go command says.
func (n *node) first(errs []error) *Problem {
	var all []Problem
	for _, err := range errs {
		var list scanner.ErrorList
		var typeErr types.Error
		switch {
		case errors.As(err, &list):
			for _, e := range list {
				all = append(all, Problem{e.Pos, e.Msg})
			}
		case errors.As(err, &typeErr) && strings.HasPrefix(typeErr.Msg, "could not import C ") && len(n.Errors) > 0:
			// The cgo tool failed; the go command tells why.
		case errors.As(err, &typeErr):
			all = append(all, Problem{typeErr.Fset.Position(typeErr.Pos), typeErr.Msg})
		default:
			all = append(all, Problem{Message: err.Error()})
		}
	}
	slices.SortStableFunc(all, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	for _, e := range n.Errors {
		// What the go command says of an import is clearer than the type checker's
		// view of it; a compiler's output ("# package …") is not.
		p, compiler := fromGoList(e)
		if compiler {
			all = append(all, p)
		} else {
			return &p
		}
	}
	for _, i := range n.imports {
		if !i.main && len(i.Errors) > 0 {
			p, _ := fromGoList(i.Errors[0])
			i.told.Store(true)
			return &p
		}
	}
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

// fromGoList makes one line of an error of the go command.
func fromGoList(e packages.Error) (p Problem, compiler bool) {
	msg := strings.TrimSpace(e.Msg)
	if rest, ok := strings.CutPrefix(msg, "# "); ok {
		_, rest, _ = strings.Cut(rest, "\n")
		for line := range strings.Lines(rest) {
			if at, text, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
				if pos, ok := position(at); ok {
					return Problem{pos, text}, true
				}
			}
		}
		return Problem{Message: oneLine(rest)}, true
	}
	pos, _ := position(e.Pos)
	return Problem{pos, oneLine(msg)}, false
}

// problems tells of every package that could not be analysed.
func (g *graph) problems() []Problem {
	var list []Problem
	for _, n := range g.nodes {
		p, what := n.firstly, " (package "+n.PkgPath+" does not compile and was not analysed)"
		switch {
		case n.main && p != nil && made(n):
			what = ": nothing was analysed for " + n.ID
		case n.main && p != nil:
		case !n.main && len(n.Errors) > 0 && !n.told.Load():
			first, _ := fromGoList(n.Errors[0])
			p, what = &first, " (in dependency "+n.PkgPath+"; what imports it was analysed without it)"
		default:
			continue
		}
		list = append(list, Problem{p.Pos, p.Message + what})
	}
	if len(list) > 0 {
		if version, newer := newerGo(g.dir); newer {
			list = append(list, Problem{Message: "the go command is " + version + " and idemlint was built with " +
				runtime.Version() + ": build idemlint again with the newer Go"})
		}
	}
	return list
}

// made tells whether the go command made the package up to carry an error about a
// pattern.
func made(n *node) bool { return len(n.GoFiles) == 0 && len(n.CompiledGoFiles) == 0 }
