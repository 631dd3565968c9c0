package idemlint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// misfits are directives that do not fit what they stand on, in a package that imports
// nothing that opens the gate; the lines end with what is said of them.
const misfits = `package p

type Store interface {
	//idemlint:write key=2 // WANT key=2: there is no parameter 2: it has 2 parameters, counted from 0
	Put(key string, value []byte) error
	//idemlint:raed // WANT no directive: the words are
	Get(key string) ([]byte, error)
}

//idemlint:receive // WANT nobody calls a struct
type Message struct{}

//idemlint:settle lease=30s // WANT "lease" is no argument of it
func (m Message) Ack() error { return nil }
`

// TestMisfits: standalone and under go vet the same lines are told of, at the same places,
// and neither driver says that all is well.
func TestMisfits(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"go.mod": "module m\n\ngo 1.26\n", "p.go": misfits} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"GOWORK=off", "GOFLAGS=-mod=mod"}
	_, alone, code, err := call(dir, env, command, ".")
	if err != nil || code != 2 {
		t.Errorf("standalone it exits with %d (%v), want 2:\n%s", code, err, alone)
	}
	_, vetted, code, err := call(dir, env, "go", "vet", "-vettool="+command, ".")
	if err != nil || code != 1 {
		t.Errorf("under go vet it exits with %d (%v), want 1:\n%s", code, err, vetted)
	}
	line := regexp.MustCompile(`(?m)^(?:idemlint: )?(?:\./)?(p\.go:\d+:\d+: .*?)(?: \(directive\))?$`)
	said := func(output string) (list []string) {
		for _, m := range line.FindAllStringSubmatch(output, -1) {
			list = append(list, m[1])
		}
		return list
	}
	got := said(alone)
	if other := said(vetted); !slices.Equal(got, other) {
		t.Errorf("standalone:\n%s\nunder go vet:\n%s", strings.Join(got, "\n"), strings.Join(other, "\n"))
	}
	var wants []string
	for n, text := range strings.Split(misfits, "\n") {
		if _, want, ok := strings.Cut(text, "// WANT "); ok {
			i := len(wants)
			wants = append(wants, want)
			if i >= len(got) || !strings.HasPrefix(got[i], fmt.Sprintf("p.go:%d:", n+1)) || !strings.Contains(got[i], want) {
				t.Errorf("line %d: %q is not told of in\n%s", n+1, want, alone)
			}
		}
	}
	if len(got) != len(wants) {
		t.Errorf("%d lines are told of, want %d", len(got), len(wants))
	}
}
