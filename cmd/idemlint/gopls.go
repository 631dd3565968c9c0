package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/idemlint/idemlint/internal/gopls"
)

// buildGopls is the command "idemlint gopls": it builds a gopls with the checks in it.
func buildGopls(args []string, stdout, stderr *os.File) int {
	fs := flag.NewFlagSet("idemlint gopls", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	name := "gopls-idemlint"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	out := fs.String("o", name, "write the program to this `file`")
	dir := fs.String("idemlint", "", "compile in the idemlint of this checkout, a `dir`ectory")
	version := fs.String("gopls", "", "the `version` of gopls; by default the newest known that this Go can build")
	verbose := fs.Bool("v", false, "print all that the go command says where it fails")
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, "idemlint gopls builds a gopls, the language server of Go's editors, that runs idemlint's checks.\n\nusage: idemlint gopls [-o file] [-idemlint dir] [-gopls version] [-v]\n\nflags:\n")
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		return clean
	case err != nil:
		err = fmt.Errorf("%s; idemlint gopls -h lists the flags", strings.Replace(err.Error(), "flag provided but not defined: ", "unknown flag ", 1))
	case fs.NArg() > 0:
		err = fmt.Errorf("it takes flags only, not %q; idemlint gopls -h lists them", fs.Arg(0))
	}
	cfg := gopls.Config{Version: *version}
	if err == nil {
		cfg.Out, err = target(*out)
	}
	if err == nil {
		cfg.Dir, cfg.IdemlintVersion, err = source(*dir)
	}
	if err == nil {
		progress := newProgress(stderr)
		cfg.Stage = progress.stage
		if *verbose {
			cfg.Log = func(text string) { fmt.Fprint(stderr, text) }
		}
		*version, err = gopls.Build(cfg)
		progress.done()
	}
	if err != nil {
		fmt.Fprintf(stderr, "idemlint gopls: %v\n", err)
		return trouble
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s is gopls %s with idemlint. Tell your editor:\n", cfg.Out, *version)
	err = gopls.Editors(&text, cfg.Out)
	if err == nil {
		_, err = stdout.Write(text.Bytes())
	}
	if err != nil {
		fmt.Fprintf(stderr, "idemlint gopls: writing the output: %v\n", err)
		return trouble
	}
	return clean
}

// target is the file to write, absolute.
func target(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	if info, err := os.Stat(abs); err == nil && info.IsDir() {
		return "", fmt.Errorf("-o %s: is a directory; give the file's name", name)
	}
	if info, err := os.Stat(filepath.Dir(abs)); err != nil || !info.IsDir() {
		return "", fmt.Errorf("-o %s: there is no directory %s", name, filepath.Dir(abs))
	}
	return abs, nil
}

// source says where the checks come from: the checkout asked for; or the version of
// this program, where it was built from a published one; or the checkout that the
// current directory lies in.
func source(dir string) (checkout, version string, err error) {
	if dir != "" {
		abs, err := filepath.Abs(dir)
		if err == nil && !isCheckout(abs) {
			err = fmt.Errorf("-idemlint %s: no go.mod of module %s there", dir, gopls.Idemlint)
		}
		return abs, "", err
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		// Only what comes out of the module cache has a sum.
		if m := info.Main; m.Path == gopls.Idemlint && m.Replace == nil && m.Sum != "" {
			return "", m.Version, nil
		}
	}
	here, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	for d := here; ; d = filepath.Dir(d) {
		if isCheckout(d) {
			return d, "", nil
		}
		if d == filepath.Dir(d) {
			return "", "", errors.New("this idemlint was built from a checkout; say where that is with -idemlint dir")
		}
	}
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+"?` + regexp.QuoteMeta(gopls.Idemlint) + `"?\s*(//.*)?$`)

func isCheckout(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && moduleLine.Match(text)
}
