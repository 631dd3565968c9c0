package driver

import (
	"errors"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/tools/go/packages"

	"github.com/idemlint/idemlint/internal/directive"
)

// graph is the import graph of the packages asked for.
type graph struct {
	fset  *token.FileSet
	nodes []*node // every package, dependencies before dependents
	asked []*node
	dir   string
}

// node is one package of the graph.
type node struct {
	*packages.Package
	imports []*node     // in the order of their ids
	asked   bool        // matched by a pattern
	main    bool        // belongs to a main module, or was asked for
	source  bool        // type-checked from source
	bodies  bool        // … with function bodies, and analysed
	firstly *Problem    // the first thing wrong with it
	told    atomic.Bool // whether a package that imports it tells what is wrong
	ready   chan struct{}
}

const metadata = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedDeps | packages.NeedExportFile | packages.NeedModule | packages.NeedTypesSizes | packages.NeedForTest

// list asks the go command for the packages and all their dependencies. The graph is
// nil where there is nothing to go on with.
func list(cfg Config, fset *token.FileSet) (*graph, []Problem) {
	dir := cfg.Dir
	if dir == "" {
		dir, _ = os.Getwd()
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, []Problem{{Message: "directory " + dir + " does not exist: nothing to analyse"}}
	}
	if _, err := exec.LookPath("go"); err != nil {
		return nil, []Problem{{Message: "the go command is not in the PATH: idemlint needs it to find packages"}}
	}
	pcfg := &packages.Config{Mode: metadata, Dir: dir, Tests: cfg.Tests}
	if cfg.Tags != "" {
		pcfg.BuildFlags = []string{"-tags=" + cfg.Tags}
	}
	roots, err := packages.Load(pcfg, cfg.Patterns...)
	if err != nil {
		return nil, []Problem{{Message: "go list failed: " + goListMessage(err)}}
	}
	if !inModule(dir) && !slices.ContainsFunc(roots, func(p *packages.Package) bool { return len(p.GoFiles) > 0 }) {
		return nil, []Problem{{Message: noModule}}
	}
	g := newGraph(roots, fset, dir)
	problems := unmatched(cfg.Patterns, g, dir)
	if len(g.asked) == 0 && len(problems) == 0 {
		problems = []Problem{{Message: "no packages match " + strings.Join(cfg.Patterns, " ") + ": nothing was analysed"}}
	}
	return g, problems
}

// goListMessage is the line of the go command's answer that says most.
func goListMessage(err error) string {
	msg := err.Error()
	if _, rest, ok := strings.Cut(msg, "stderr: "); ok {
		msg = rest
	}
	return oneLine(msg)
}

// oneLine joins what the go command says over several lines, without its chatter.
func oneLine(msg string) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(msg) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "go: downloading") || strings.HasPrefix(line, "go: warning") {
			continue
		}
		if n++; n > 3 {
			b.WriteString("; …")
			break
		}
		if s := b.String(); s != "" && !strings.HasSuffix(s, ":") {
			b.WriteString(";")
		}
		if b.Len() > 0 {
			b.WriteString(" ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// inModule tells whether a directory lies in a module or workspace.
func inModule(dir string) bool {
	if v := os.Getenv("GOWORK"); v != "" && v != "off" {
		return true
	}
	for {
		for _, name := range []string{"go.mod", "go.work"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
				return true
			}
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return false
		}
		dir = parent
	}
}

const noModule = "there is no go.mod in this directory or above it: run idemlint inside a Go module, or with -C dir"

func newGraph(roots []*packages.Package, fset *token.FileSet, dir string) *graph {
	g := &graph{fset: fset, dir: dir}
	seen := map[*packages.Package]*node{}
	var visit func(p *packages.Package) *node
	visit = func(p *packages.Package) *node {
		if n := seen[p]; n != nil {
			return n
		}
		n := &node{Package: p, ready: make(chan struct{}), main: p.Module != nil && p.Module.Main}
		seen[p] = n
		for _, path := range slices.Sorted(maps.Keys(p.Imports)) {
			n.imports = append(n.imports, visit(p.Imports[path]))
		}
		g.nodes = append(g.nodes, n)
		return n
	}
	variants := map[string]bool{} // paths that a test variant stands for
	for _, p := range roots {
		if p.ForTest == p.PkgPath && p.ForTest != "" {
			variants[p.PkgPath] = true
		}
	}
	for _, p := range roots {
		// The synthesized main package of a test, and the package without its tests
		// where the package with them is there too, say nothing of their own.
		testMain := p.Name == "main" && strings.HasSuffix(p.ID, ".test")
		if testMain || variants[p.PkgPath] && p.ForTest == "" {
			continue
		}
		n := visit(p)
		n.asked, n.main = true, true
		g.asked = append(g.asked, n)
	}
	return g
}

// unmatched finds the wildcards that match nothing; the go command only warns of them.
// Patterns without a wildcard have their error on the package made up for them.
func unmatched(patterns []string, g *graph, dir string) []Problem {
	var problems []Problem
	for _, pattern := range patterns {
		if !strings.Contains(pattern, "...") {
			continue
		}
		matches := matcher(pattern, dir)
		if !slices.ContainsFunc(g.asked, func(n *node) bool { return matches(n.Package) || n.PkgPath == pattern }) {
			problems = append(problems, Problem{Message: "pattern " + pattern + " matches no packages: nothing was analysed for it"})
		}
	}
	return problems
}

// matcher tells whether a package is one that the wildcard pattern means.
func matcher(pattern, dir string) func(*packages.Package) bool {
	local := filepath.IsAbs(pattern) || strings.HasPrefix(pattern, "./") || strings.HasPrefix(pattern, "../")
	if local {
		abs := filepath.ToSlash(pattern)
		if !filepath.IsAbs(pattern) {
			abs = filepath.ToSlash(filepath.Join(dir, pattern))
		}
		re := wildcard(abs)
		real := re
		if d, err := filepath.EvalSymlinks(dir); err == nil && !filepath.IsAbs(pattern) {
			real = wildcard(filepath.ToSlash(filepath.Join(d, pattern)))
		}
		return func(p *packages.Package) bool {
			d := filepath.ToSlash(p.Dir)
			return re.MatchString(d) || real.MatchString(d)
		}
	}
	re := wildcard(pattern)
	return func(p *packages.Package) bool {
		return re.MatchString(p.PkgPath) || re.MatchString(strings.TrimSuffix(p.PkgPath, "_test"))
	}
}

// wildcard translates "a/..." as the go command does: it also matches "a".
func wildcard(pattern string) *regexp.Regexp {
	re := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\.\.\.`, `.*`)
	if s, ok := strings.CutSuffix(re, `/.*`); ok {
		re = s + `(/.*)?`
	}
	return regexp.MustCompile(`^` + re + `$`)
}

// choose decides what is type-checked from source, and what of it is analysed: the
// main module's packages that reach a package which opens the gate, or a directive,
// and the packages of the main module that those import.
func (g *graph) choose(opens func(string) bool) {
	reaches := map[*node]bool{}
	for _, n := range g.nodes { // dependencies come first
		reaches[n] = opens(n.PkgPath) || n.main && speaks(n) || slices.ContainsFunc(n.imports, func(i *node) bool { return reaches[i] })
	}
	for i := len(g.nodes) - 1; i >= 0; i-- { // dependents come first
		n := g.nodes[i]
		if n.main && n.PkgPath != "unsafe" && (reaches[n] || n.bodies || broken(n)) {
			n.bodies = true
			for _, imp := range n.imports {
				imp.bodies = imp.bodies || imp.main
			}
		}
	}
	needed := map[*node]bool{}
	for i := len(g.nodes) - 1; i >= 0; i-- {
		n := g.nodes[i]
		if needed[n] = needed[n] || n.bodies; needed[n] {
			for _, imp := range n.imports {
				needed[imp] = true
			}
		}
	}
	for _, n := range g.nodes {
		if !needed[n] || n.PkgPath == "unsafe" {
			continue
		}
		// A package without export data, or that mentions types of one checked from
		// source, must be checked from source too: a type has one identity.
		n.source = n.bodies || n.ExportFile == "" ||
			slices.ContainsFunc(n.imports, func(i *node) bool { return i.source })
	}
}

// broken tells whether the go command found something wrong with a package or with
// one that it imports from elsewhere; it is looked at to say what.
func broken(n *node) bool {
	return len(n.Errors) > 0 ||
		slices.ContainsFunc(n.imports, func(i *node) bool { return !i.main && len(i.Errors) > 0 })
}

// speaks tells whether a package has a directive: then it says itself what it does.
func speaks(n *node) bool {
	for _, name := range n.CompiledGoFiles {
		if src, err := os.ReadFile(name); err == nil && directive.Mentioned(src) {
			return true
		}
	}
	return false
}

// position parses the "file:line:col" of a go/packages error.
func position(s string) (pos token.Position, ok bool) {
	parts := strings.Split(s, ":")
	var numbers []int
	for len(parts) > 1 && len(numbers) < 2 {
		n, err := strconv.Atoi(parts[len(parts)-1])
		if err != nil {
			break
		}
		numbers = append([]int{n}, numbers...)
		parts = parts[:len(parts)-1]
	}
	if len(numbers) == 0 {
		return token.Position{}, false
	}
	pos = token.Position{Filename: strings.Join(parts, ":"), Line: numbers[0]}
	if len(numbers) == 2 {
		pos.Column = numbers[1]
	}
	return pos, true
}

// newerGo says whether the go command is newer than the Go that idemlint is built
// with; asked only when something failed.
func newerGo(dir string) (version string, newer bool) {
	cmd := exec.Command("go", "env", "GOVERSION")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return "", false
	}
	theirs, ours := minor(string(out)), minor(runtime.Version())
	return strings.TrimSpace(string(out)), theirs > ours && ours > 0
}

// minor is the 26 of "go1.26.8".
func minor(version string) int {
	_, rest, _ := strings.Cut(version, "go1.")
	digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if digits >= 0 {
		rest = rest[:digits]
	}
	n, _ := strconv.Atoi(rest)
	return n
}

var errNoExport = errors.New("no export data: the package does not compile")
