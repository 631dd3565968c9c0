package gopls

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// editor speaks the Language Server Protocol with a gopls, as much of it as the tests
// need: files are opened and changed as a whole, diagnostics come back.
type editor struct {
	t      *testing.T
	dir    string
	in     io.WriteCloser
	came   chan published
	failed chan error
	last   int // id of the last request
	answer chan message
	edits  int
}

type message struct {
	JSONRPC string           `json:"jsonrpc"`
	ID      *json.RawMessage `json:"id,omitempty"`
	Method  string           `json:"method,omitempty"`
	Params  any              `json:"params,omitempty"`
	Result  any              `json:"result,omitempty"`
	Error   any              `json:"error,omitempty"`
}

type published struct {
	URI         string
	Diagnostics []diagnostic
}

type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type span struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

type diagnostic struct {
	Range           span
	Severity        int
	Source, Message string
	CodeDescription struct{ Href string }
	Related         []struct {
		Location struct {
			URI   string
			Range span
		}
		Message string
	} `json:"relatedInformation"`

	asSent json.RawMessage
}

// UnmarshalJSON keeps the text, too: who asks for fixes sends it back.
func (d *diagnostic) UnmarshalJSON(text []byte) error {
	type plain diagnostic
	d.asSent = slices.Clone(text)
	return json.Unmarshal(text, (*plain)(d))
}

type action struct {
	Title string
	Edit  struct {
		DocumentChanges []struct {
			TextDocument struct{ URI string }
			Edits        []change
		}
	}
}

type change struct {
	Range   span
	NewText string
}

// fix asks for the quick fixes of a diagnostic.
func (e *editor) fix(name string, d diagnostic) (actions []action) {
	e.t.Helper()
	result := e.request("textDocument/codeAction", map[string]any{
		"textDocument": map[string]any{"uri": uri(filepath.Join(e.dir, name))},
		"range":        d.Range,
		"context":      map[string]any{"diagnostics": []any{d.asSent}, "only": []string{"quickfix"}},
	})
	if err := json.Unmarshal(result, &actions); err != nil {
		e.t.Fatal(err)
	}
	return actions
}

// apply is the text with the changes that an action makes to a file.
func (e *editor) apply(a action, name, text string) string {
	lines := strings.SplitAfter(text, "\n")
	offset := func(p position) int { return len(strings.Join(lines[:p.Line], "")) + p.Character }
	var edits []change
	for _, c := range a.Edit.DocumentChanges {
		if c.TextDocument.URI == uri(filepath.Join(e.dir, name)) {
			edits = append(edits, c.Edits...)
		}
	}
	slices.SortFunc(edits, func(a, b change) int { return offset(b.Range.Start) - offset(a.Range.Start) })
	for _, c := range edits {
		text = text[:offset(c.Range.Start)] + c.NewText + text[offset(c.Range.End):]
	}
	return text
}

// start starts gopls in a directory, with caches of its own.
func start(t *testing.T, program, dir string) *editor {
	t.Helper()
	cmd := exec.Command(program, "serve")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOPLSCACHE="+t.TempDir(), "PWD="+dir)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	e := &editor{t: t, dir: dir, in: in, came: make(chan published, 100), failed: make(chan error, 1), answer: make(chan message, 1)}
	go e.listen(bufio.NewReader(out))
	t.Cleanup(func() {
		e.request("shutdown", nil)
		e.send(message{Method: "exit"})
		if err := cmd.Wait(); err != nil {
			t.Errorf("gopls ends: %v", err)
		}
	})
	e.request("initialize", map[string]any{
		"processId": os.Getpid(),
		"rootUri":   uri(dir),
		"capabilities": map[string]any{
			"textDocument": map[string]any{"publishDiagnostics": map[string]any{"relatedInformation": true, "codeDescriptionSupport": true}},
		},
		"workspaceFolders": []any{map[string]any{"uri": uri(dir), "name": "workers"}},
	})
	e.send(message{Method: "initialized", Params: map[string]any{}})
	return e
}

func uri(name string) string {
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(name)}).String()
}

func (e *editor) send(m message) {
	m.JSONRPC = "2.0"
	text, err := json.Marshal(m)
	if err != nil {
		e.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(e.in, "Content-Length: %d\r\n\r\n%s", len(text), text); err != nil {
		e.t.Errorf("writing to gopls: %v", err)
	}
}

// request sends a request and waits for its answer.
func (e *editor) request(method string, params any) (result json.RawMessage) {
	e.t.Helper()
	e.last++
	id := json.RawMessage(strconv.Itoa(e.last))
	e.send(message{ID: &id, Method: method, Params: params})
	select {
	case m := <-e.answer:
		if m.Error != nil || string(*m.ID) != string(id) {
			e.t.Fatalf("%s: the answer to request %s is an error: %v", method, *m.ID, m.Error)
		}
		result, _ = json.Marshal(m.Result)
	case err := <-e.failed:
		e.t.Fatalf("%s: %v", method, err)
	case <-time.After(patience):
		e.t.Fatalf("%s: no answer", method)
	}
	return result
}

// listen reads what gopls says until it ends. Its own requests get the empty answer:
// no configuration, nothing registered.
func (e *editor) listen(out *bufio.Reader) {
	defer close(e.failed)
	for {
		size := 0
		for {
			line, err := out.ReadString('\n')
			if err != nil {
				e.failed <- fmt.Errorf("gopls is silent: %w", err)
				return
			}
			if line = strings.TrimSpace(line); line == "" {
				break
			}
			if n, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				size, _ = strconv.Atoi(n)
			}
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(out, text); err != nil {
			e.failed <- err
			return
		}
		var m struct {
			message
			Params json.RawMessage `json:"params"`
		}
		if err := json.Unmarshal(text, &m); err != nil {
			e.failed <- err
			return
		}
		switch {
		case m.Method == "textDocument/publishDiagnostics":
			var p published
			if err := json.Unmarshal(m.Params, &p); err != nil {
				e.failed <- err
				return
			}
			e.came <- p
		case m.Method != "" && m.ID != nil:
			e.send(message{ID: m.ID, Result: json.RawMessage("null")})
		case m.ID != nil:
			e.answer <- m.message
		}
	}
}

// open shows a file of the module to gopls, as it is on the disk.
func (e *editor) open(name string) string {
	e.t.Helper()
	text, err := os.ReadFile(filepath.Join(e.dir, name))
	if err != nil {
		e.t.Fatal(err)
	}
	e.send(message{Method: "textDocument/didOpen", Params: map[string]any{"textDocument": map[string]any{
		"uri": uri(filepath.Join(e.dir, name)), "languageId": "go", "version": 0, "text": string(text),
	}}})
	return string(text)
}

// change gives an open file another text, unsaved.
func (e *editor) change(name, text string) {
	e.edits++
	e.send(message{Method: "textDocument/didChange", Params: map[string]any{
		"textDocument":   map[string]any{"uri": uri(filepath.Join(e.dir, name)), "version": e.edits},
		"contentChanges": []any{map[string]any{"text": text}},
	}})
}

// patience is how long the tests wait for diagnostics: the first time, gopls reads
// everything that is imported.
const patience = 3 * time.Minute

// wait waits until the diagnostics of a file are as told, and returns them.
func (e *editor) wait(name, what string, right func([]diagnostic) bool) []diagnostic {
	e.t.Helper()
	var last []diagnostic
	late := time.After(patience)
	for {
		select {
		case p := <-e.came:
			if p.URI != uri(filepath.Join(e.dir, name)) {
				continue
			}
			if last = p.Diagnostics; right(last) {
				return last
			}
		case err := <-e.failed:
			e.t.Fatal(err)
		case <-late:
			e.t.Fatalf("%s: waited in vain for %s; the last diagnostics are %+v", name, what, last)
		}
	}
}
