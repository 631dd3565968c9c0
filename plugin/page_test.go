package plugin

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// TestPage: the page for users quotes files that are tested, or that stand in the
// repository's root to be copied.
func TestPage(t *testing.T) {
	page := read(t, "../docs/integrations/golangci-lint.md")
	custom, config := read(t, "../.custom-gcl.yml"), read(t, "testdata/golangci.yml")
	for name, text := range map[string]string{".custom-gcl.yml": custom, "testdata/golangci.yml": config} {
		if !strings.Contains(page, "```yaml\n"+text+"```\n") {
			t.Errorf("the page does not show %s as it is", name)
		}
	}
	const program = "cmd/golangci-lint-idemlint"
	if !strings.Contains(page, "cd idemlint/plugin/"+program+"\n") {
		t.Errorf("the page does not build in plugin/%s", program)
	}

	// Both ways build the same golangci-lint.
	version := regexp.MustCompile(`(?m)^version: (\S+)$`).FindStringSubmatch(custom)
	if version == nil || !strings.Contains(read(t, program+"/go.mod"), "github.com/golangci/golangci-lint/v2 "+version[1]+"\n") {
		t.Errorf(".custom-gcl.yml builds golangci-lint %q, and %s another one", version, program)
	}
	for _, m := range regexp.MustCompile(`(?m)^ +(?:- module|import): (\S+)$`).FindAllStringSubmatch(custom, -1) {
		if out, err := exec.Command("go", "list", "-find", m[1]+"/...").CombinedOutput(); err != nil || strings.Contains(string(out), "matched no packages") {
			t.Errorf(".custom-gcl.yml names %s: %v\n%s", m[1], err, out)
		}
	}
}
