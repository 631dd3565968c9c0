package idemlint_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// program is one of the two that are compared.
type program struct {
	name  string
	args  []string
	env   []string
	codes []int // what it may exit with
}

// cpu is what a program takes, its children included, in seconds of user time.
func (p program) cpu(b *testing.B, dir string, env []string) float64 {
	b.Helper()
	cmd := exec.Command(p.name, p.args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), env...), p.env...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	_ = cmd.Run() // findings are an error, too
	if code := cmd.ProcessState.ExitCode(); !slices.Contains(p.codes, code) {
		b.Fatalf("%s %q: %v: %.2000s", p.name, p.args, cmd.ProcessState, errs.String())
	}
	return cmd.ProcessState.UserTime().Seconds()
}

// build makes a program of a package.
func build(b *testing.B, pkg string, env ...string) string {
	b.Helper()
	name := filepath.Join(b.TempDir(), filepath.Base(pkg))
	cmd := exec.Command("go", "build", "-o", name, pkg)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return name
}

const staticcheckVersion = "v0.8.2"

// install gets staticcheck through the go command.
func install(b *testing.B) string {
	b.Helper()
	dir := b.TempDir()
	cmd := exec.Command("go", "install", "honnef.co/go/tools/cmd/staticcheck@"+staticcheckVersion)
	cmd.Env = append(os.Environ(), "GOBIN="+dir, "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Skipf("staticcheck cannot be installed: %v\n%s", err, out)
	}
	return filepath.Join(dir, "staticcheck")
}

// pairs runs two programs in turn, b.N times each, and reports the median of the
// ratios of each pair, so that a busy machine disturbs both alike. The first pair only
// fills the go command's cache with compiled packages.
func pairs(b *testing.B, dir string, env []string, ours, theirs func() program) {
	ours().cpu(b, dir, env)
	theirs().cpu(b, dir, env)
	var ratios, a, z []float64
	b.ResetTimer()
	for range b.N {
		x, y := ours().cpu(b, dir, env), theirs().cpu(b, dir, env)
		a, z, ratios = append(a, x), append(z, y), append(ratios, x/y)
	}
	b.ReportMetric(median(a), "idemlint-user-s")
	b.ReportMetric(median(z), "other-user-s")
	b.ReportMetric(median(ratios), "ratio")
}

func median(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// BenchmarkDrivers compares the user CPU time of idemlint with that of
//   - a loader and a checker that analyse nothing (internal/bench/noop),
//   - the same as a tool of go vet, each time under a name and hash that the vet
//     cache does not know; compiled packages are cached for both,
//   - staticcheck with its cache empty,
//
// on x/tools, where the gate stays shut, and on testdata, where it opens for nearly
// every package:
//
//	go test -run=NONE -bench=Drivers -benchtime=5x .
func BenchmarkDrivers(b *testing.B) {
	noop := build(b, "./internal/bench/noop")
	var staticcheck string
	tools, toolsEnv := source(b, "golang.org/x/tools")
	self := func() program { return program{command, []string{"./..."}, nil, []int{0, 1}} }
	for _, s := range []struct {
		name, dir string
		env       []string
	}{{"xtools", tools, toolsEnv}, {"testdata", corpus, nil}} {
		b.Run("standalone/"+s.name, func(b *testing.B) {
			pairs(b, s.dir, s.env, self, func() program { return program{noop, []string{"./..."}, nil, []int{0}} })
		})
		b.Run("vet/"+s.name, func(b *testing.B) {
			vet := func(tool string) func() program {
				return func() program {
					return program{"go", []string{"vet", "-vettool=" + salt(b, tool), "./..."}, nil, []int{0, 1}}
				}
			}
			pairs(b, s.dir, s.env, vet(command), vet(noop))
		})
		b.Run("staticcheck/"+s.name, func(b *testing.B) {
			if staticcheck == "" {
				staticcheck = install(b)
			}
			pairs(b, s.dir, s.env, self, func() program {
				return program{staticcheck, []string{"./..."}, []string{"STATICCHECK_CACHE=" + b.TempDir()}, []int{0, 1}}
			})
		})
	}
}
