package main

import (
	"strings"
	"testing"
)

// TestDemo: one lost delete counts an order twice, unless the ids counted stand beside the
// count; the thumbnail is right each time.
func TestDemo(t *testing.T) {
	for _, c := range []struct {
		name            string
		loseC, withIdem bool
		counted         string
	}{
		{"all goes well", false, false, "3 were counted"},
		{"message C is lost", true, false, "4 were counted"},
		{"message C is lost, with idem", true, true, "3 were counted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			if err := run(&out, c.loseC, c.withIdem); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{c.counted, "thumbnail of tree: 40 x 30"} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("it does not say %q:\n%s", want, out.String())
				}
			}
			if lost := strings.Contains(out.String(), "(C): lost"); lost != c.loseC {
				t.Errorf("message C lost: %t, want %t:\n%s", lost, c.loseC, out.String())
			}
		})
	}
}
