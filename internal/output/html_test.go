package output

import (
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/internal/finding"
)

// TestExcerpt: a long function is shown around the places that matter.
func TestExcerpt(t *testing.T) {
	var src strings.Builder
	src.WriteString("package p\n\nfunc F() {\n") // line 3
	for n := 4; n < 100; n++ {
		fmt.Fprintf(&src, "\tdo(%d)\n", n)
	}
	src.WriteString("}\n\nfunc G() {\n\tdo(0)\n}\n") // lines 100 to 104
	name := filepath.Join(t.TempDir(), "p.go")
	if err := os.WriteFile(name, []byte(src.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	file := fset.AddFile(name, -1, src.Len())
	file.SetLinesForContent([]byte(src.String()))
	at := file.LineStart
	shown := func(f finding.Finding) string {
		w := &Writer{Fset: fset}
		var list []string
		for _, l := range w.excerpt(f) {
			switch {
			case l.Kind == "gap":
				list = append(list, "…")
			case l.Note != "":
				list = append(list, fmt.Sprintf("%d %s (%s)", l.Number, l.Kind, l.Note))
			default:
				list = append(list, strings.TrimSpace(fmt.Sprint(l.Number, " ", l.Kind)))
			}
		}
		return strings.Join(list, ", ")
	}
	long := finding.Finding{Pos: at(60), Related: []finding.Related{
		{Pos: at(20), Message: "read"}, {Pos: at(20), Message: "written"}, {Pos: at(20), Message: "read"}, {Pos: at(103), Message: "elsewhere"}, {Pos: at(60), Message: "done"},
	}}
	const want = "3, …, 17, 18, 19, 20 part (read · written), 21, 22, 23, …, 57, 58, 59, 60 here (done), 61, 62, 63, …"
	if got := shown(long); got != want {
		t.Errorf("a long function: %s, want %s", got, want)
	}
	if got, want := shown(finding.Finding{Pos: at(103)}), "102, 103 here, 104"; got != want {
		t.Errorf("a short function: %s, want %s", got, want)
	}
	if got, want := shown(finding.Finding{Pos: at(1)}), "1 here, 2, 3, 4"; got != want {
		t.Errorf("no function: %s, want %s", got, want)
	}
}
