package output

import (
	"go/token"
	"strings"
	"testing"
)

// runner reads a workflow command as the runner does (ActionCommand.TryParseV2).
func runner(t *testing.T, line string) (properties map[string]string, text string) {
	t.Helper()
	rest, ok := strings.CutPrefix(line, "::")
	head, text, closed := strings.Cut(rest, "::")
	name, list, _ := strings.Cut(head, " ")
	if !ok || !closed || name != "error" {
		t.Fatalf("%q is no command", line)
	}
	properties = map[string]string{}
	for p := range strings.SplitSeq(list, ",") {
		key, value, ok := strings.Cut(p, "=")
		if !ok {
			t.Fatalf("%q: %q is no property", line, p)
		}
		// The percent sign last, as the runner does.
		properties[key] = strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%").Replace(value)
	}
	return properties, strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%").Replace(text)
}

func FuzzCommand(f *testing.F) {
	f.Add("idemlint etag", "w/worker.go", "one\ntwo")
	f.Add("a,b:c=d", "a,b:c=d%2C.go", "100%0A::error ::x\r\n")
	f.Add("", "::", "::")
	f.Fuzz(func(t *testing.T, title, file, text string) {
		w := &Writer{Dir: "/", files: sources{"/f/" + file: nil}} // nothing is read
		command := w.command(title, token.Position{Filename: "/f/" + file, Line: 3, Column: 2}, token.Position{}, text)
		line, ok := strings.CutSuffix(command, "\n")
		if !ok || strings.ContainsAny(line, "\r\n") {
			t.Fatalf("%q is not one line", command)
		}
		properties, got := runner(t, line)
		if got != text || properties["title"] != title || properties["line"] != "3" || properties["col"] != "2" {
			t.Errorf("%q is read as %q, %q; want %q, %q", command, properties, got, title, text)
		}
		if name, _ := w.inRoot("/f/" + file); properties["file"] != name {
			t.Errorf("%q names the file %q, want %q", command, properties["file"], name)
		}
	})
}

func TestCommandRanges(t *testing.T) {
	at := func(line, col int) token.Position {
		return token.Position{Filename: "/r/a.go", Line: line, Column: col}
	}
	w := &Writer{Dir: "/r"}
	for _, c := range []struct {
		from, to token.Position
		want     string
	}{
		{at(3, 2), token.Position{}, "::error file=a.go,line=3,col=2,title=t::m\n"},
		{at(3, 2), at(3, 9), "::error file=a.go,line=3,col=2,endColumn=9,title=t::m\n"},
		{at(3, 2), at(5, 1), "::error file=a.go,line=3,endLine=5,title=t::m\n"},
		{token.Position{Filename: "/r/a.go"}, token.Position{}, "::error file=a.go,title=t::m\n"},
		{token.Position{}, token.Position{}, "::error title=t::m\n"},
	} {
		if got := w.command("t", c.from, c.to, "m"); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
