// Package gopls builds a gopls that runs idemlint's checks. gopls loads no plug-ins:
// the checks are compiled in, by one file more in a copy of its module.
package gopls

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

const (
	// Module is the module of gopls.
	Module = "golang.org/x/tools/gopls"
	// Idemlint is the module of the checks.
	Idemlint = "github.com/idemlint/idemlint"
)

// Releases are the releases of gopls that the checks are compiled into, newest first,
// with the minor version of Go 1 that each needs; its go.mod says so.
var Releases = []Release{{"v0.24.0", 27}, {"v0.23.0", 26}}

// Release is a release of gopls.
type Release struct {
	Version string
	Go      int
}

// Config says what to build.
type Config struct {
	// Out is the file to write, absolute.
	Out string
	// Version is the release of gopls; where empty, the newest that the Go in the PATH
	// can build.
	Version string
	// Dir is a checkout of idemlint; where empty, IdemlintVersion is used.
	Dir string
	// IdemlintVersion is the version of the module of the checks: "v1.2.3".
	IdemlintVersion string
	// Stage is told what is going on.
	Stage func(string)
	// Log gets all that the go command says where it fails; it may be nil.
	Log func(string)
}

// Build builds gopls and returns its version. It works in a temporary directory and
// writes nothing but Out, the go command's caches, and that directory, which it
// removes. An error is one line.
func Build(cfg Config) (version string, err error) {
	if _, err := exec.LookPath("go"); err != nil {
		return "", errors.New("the go command is not in the PATH")
	}
	tmp, err := os.MkdirTemp("", "idemlint-gopls")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	b := &builder{Config: cfg, dir: filepath.Join(tmp, "gopls"), tmp: tmp}
	if b.Version == "" {
		if b.Version, err = b.newest(); err != nil {
			return "", err
		}
	}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"fetching gopls " + b.Version, b.copy},
		{"adding idemlint", b.add},
		{"building gopls " + b.Version, b.build},
	} {
		cfg.Stage(step.what)
		if err := step.do(); err != nil {
			return "", fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return b.Version, nil
}

type builder struct {
	Config
	tmp, dir string
}

// run runs the go command, outside of any workspace.
func (b *builder) run(dir string, args ...string) (stdout []byte, err error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "PWD="+dir)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if b.Log != nil {
			b.Log(errs.String())
		}
		return out.Bytes(), firstError(errs.String(), err)
	}
	return out.Bytes(), nil
}

// firstError is the first line that says what is wrong.
func firstError(stderr string, err error) error {
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "go: downloading ") {
			continue
		}
		return errors.New(strings.TrimPrefix(line, "go: "))
	}
	return err
}

var goVersion = regexp.MustCompile(`go1\.(\d+)`)

// newest finds the newest release that the Go in the PATH can build.
func (b *builder) newest() (string, error) {
	out, err := b.run(b.tmp, "env", "GOVERSION")
	if err != nil {
		return "", err
	}
	return choose(strings.TrimSpace(string(out)))
}

// choose finds the newest release for a version of Go: "go1.26.1".
func choose(version string) (string, error) {
	m := goVersion.FindStringSubmatch(version)
	if m == nil { // built from Go's own repository
		return Releases[0].Version, nil
	}
	minor, _ := strconv.Atoi(m[1])
	for _, r := range Releases {
		if minor >= r.Go {
			return r.Version, nil
		}
	}
	last := Releases[len(Releases)-1]
	return "", fmt.Errorf("gopls %s with idemlint takes Go 1.%d or later; the go command in the PATH is %s", last.Version, last.Go, version)
}

// copy copies gopls out of the module cache.
func (b *builder) copy() error {
	if err := os.WriteFile(filepath.Join(b.tmp, "go.mod"), []byte("module m\n"), 0o666); err != nil {
		return err
	}
	out, err := b.run(b.tmp, "mod", "download", "-json", Module+"@"+b.Version)
	var answer struct{ Dir, Error string }
	if json.Unmarshal(out, &answer) == nil && answer.Error != "" {
		return firstError(answer.Error, err)
	}
	if err != nil {
		return err
	}
	return os.CopyFS(b.dir, os.DirFS(answer.Dir))
}

// added is the file that makes the checks analyzers of gopls, on by default like its
// own. The analyzer of the comments that speak to idemlint is called directive, as one
// of gopls' is, and settings choose analyzers by their names.
const added = `package settings

import "` + Idemlint + `/analyzer"

func init() {
	for _, a := range analyzer.Analyzers() {
		AllAnalyzers = append(AllAnalyzers, &Analyzer{analyzer: a})
	}
	directives := *analyzer.Directives()
	directives.Name = "idemlint"
	AllAnalyzers = append(AllAnalyzers, &Analyzer{analyzer: &directives})
}
`

func (b *builder) add() error {
	settings := filepath.Join(b.dir, "internal", "settings")
	text, err := os.ReadFile(filepath.Join(settings, "analysis.go"))
	if err != nil || !bytes.Contains(text, []byte("\nvar AllAnalyzers = ")) {
		return errors.New("this release keeps its analyzers elsewhere: idemlint does not know how to add to them")
	}
	if err := os.WriteFile(filepath.Join(settings, "idemlint.go"), []byte(added), 0o666); err != nil {
		return err
	}
	// gopls uses the insides of x/tools: it compiles with the version it names, and not
	// with the later one that idemlint may ask for.
	tools, err := b.requires("golang.org/x/tools")
	if err != nil {
		return err
	}
	args := []string{"mod", "edit", "-replace=golang.org/x/tools=golang.org/x/tools@" + tools}
	if b.Dir != "" {
		// The version is of no account; one must be there.
		args = append(args, "-require="+Idemlint+"@v0.0.0", "-replace="+Idemlint+"="+b.Dir)
	} else {
		args = append(args, "-require="+Idemlint+"@"+b.IdemlintVersion)
	}
	_, err = b.run(b.dir, args...)
	return err
}

// requires finds the version of a module that gopls requires.
func (b *builder) requires(path string) (string, error) {
	out, err := b.run(b.dir, "mod", "edit", "-json")
	if err != nil {
		return "", err
	}
	var mod struct {
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		return "", err
	}
	for _, r := range mod.Require {
		if r.Path == path {
			return r.Version, nil
		}
	}
	return "", fmt.Errorf("its go.mod does not name %s", path)
}

// build lets the go command complete go.mod and go.sum as it goes. The version is what
// "gopls version" says; editors compare it with others, and what follows a plus sign
// does not count.
func (b *builder) build() error {
	_, err := b.run(b.dir, "build", "-mod=mod", "-trimpath", "-ldflags=-X=main.version="+b.Version+"+idemlint", "-o", b.Out, ".")
	return err
}
