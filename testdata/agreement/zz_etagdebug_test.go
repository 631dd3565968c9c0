//go:build agreetmp

package agreement

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/runtime/explore"
)

func TestZZDebug(t *testing.T) {
	for _, s := range subjects {
		if !strings.HasPrefix(s.name, os.Getenv("ZZ")) || s.unplayable != "" {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			w := s.world
			w.Property = func(st explore.State) error {
				var b strings.Builder
				for _, l := range st.Lines() {
					b.WriteString("\n" + l.String())
				}
				return errors.New(b.String())
			}
			f, steps, err := explore.Replay(t, w, s.handler, "none")
			t.Log(steps, err)
			if f != nil {
				t.Log(f.Text)
			}
			if os.Getenv("ZZF") != "" {
				w = s.world
				w.Limits.Schedules = 300
				r := explore.Check(t, w, s.handler)
				t.Logf("%d schedules\n%s", r.Schedules, func() string {
					if r.Failure != nil {
						return r.Failure.String()
					}
					return "SURVIVES"
				}())
			}
		})
	}
}
