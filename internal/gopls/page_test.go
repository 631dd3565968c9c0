package gopls

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestPage: the page for users shows the settings that the command prints, and the
// releases that it chooses.
func TestPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/integrations/gopls.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(text)
	var printed strings.Builder
	if err := Editors(&printed, "/home/me/bin/gopls-idemlint"); err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(strings.TrimPrefix(printed.String(), "\n"), "\n\n")
	if len(blocks) != 8 {
		t.Fatalf("%d blocks for four editors:\n%s", len(blocks), printed.String())
	}
	for i := 0; i < len(blocks); i += 2 {
		_, after, ok := strings.Cut(page, "\n"+blocks[i]+"\n\n```")
		_, after, _ = strings.Cut(after, "\n")
		if shown, _, _ := strings.Cut(after, "\n```"); !ok || shown != strings.TrimSpace(blocks[i+1]) {
			t.Errorf("for %s the page shows\n%s\nand the command prints\n%s", blocks[i], shown, blocks[i+1])
		}
	}
	newest, oldest := Releases[0], Releases[len(Releases)-1]
	table := fmt.Sprintf("|---|---|\n| 1.%d | %s |\n| 1.%d and later | %s |\n", oldest.Go, oldest.Version, newest.Go, newest.Version)
	if len(Releases) != 2 || !strings.Contains(page, table) {
		t.Errorf("the page has no table with\n%s", table)
	}
}
