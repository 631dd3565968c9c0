package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/idemlint/idemlint/internal/driver"
	"github.com/idemlint/idemlint/internal/finding"
	"github.com/idemlint/idemlint/internal/fix/apply"
	"github.com/idemlint/idemlint/internal/output"
)

// mend applies the fixes of findings to the files and analyses again: what that finds is
// what remains, and told says what was done. Where the fixes cannot be written, or do not
// compile, all files stay as they were, and the error says so.
func mend(dir string, result *driver.Result, findings []finding.Finding, analyse func() *driver.Result) (after *driver.Result, done string, err error) {
	plan := apply.Make(result.Fset, findings)
	if err = plan.Err; err == nil {
		err = plan.Write()
	}
	if err != nil {
		return result, "", fmt.Errorf("no fix was applied: %w", err)
	}
	if plan.Applied == 0 {
		return result, told(&plan, "applied"), nil
	}
	after = analyse()
	if len(after.Problems) <= len(result.Problems) {
		return after, told(&plan, "applied"), nil
	}
	p := after.Problems[0]
	p.Pos.Filename = output.Relative(dir, p.Pos.Filename)
	if err := plan.Undo(); err != nil {
		return after, "", fmt.Errorf("the fixes do not compile (%v), and taking them back failed: %w", p, err)
	}
	return result, "", fmt.Errorf("the fixes were taken back: with them %v", p)
}

// showDiff prints what -fix would change, and nothing else.
func showDiff(dir string, result *driver.Result, findings []finding.Finding, stdout, stderr io.Writer) int {
	plan := apply.Make(result.Fset, findings)
	code := clean
	if len(findings) > 0 {
		code = found
	}
	var b strings.Builder
	for _, c := range plan.Changes {
		name := filepath.ToSlash(output.Relative(dir, c.File))
		b.WriteString(udiff.Unified("a/"+name, "b/"+name, string(c.Old), string(c.New)))
	}
	if _, err := io.WriteString(stdout, b.String()); err != nil {
		fmt.Fprintf(stderr, "idemlint: writing the output: %v\n", err)
		code = trouble
	}
	if plan.Err != nil {
		fmt.Fprintf(stderr, "idemlint: no fix could be applied: %v\n", plan.Err)
		code = trouble
	} else {
		fmt.Fprintf(stderr, "idemlint: %s, of %s\n", told(&plan, "to apply"), count(len(findings), "finding"))
	}
	return max(code, tell(dir, result.Problems, stderr))
}

// told says how many fixes a plan holds.
func told(plan *apply.Plan, what string) string {
	s := count(plan.Applied, "fix") + " " + what
	if len(plan.Changes) > 0 {
		s += " in " + count(len(plan.Changes), "file")
	}
	if plan.Left > 0 {
		s += fmt.Sprintf(", %d more when run again (they overlap)", plan.Left)
	}
	return s
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "x"):
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func remain(n int) string {
	if n == 1 {
		return "1 finding remains"
	}
	return count(n, "finding") + " remain"
}
