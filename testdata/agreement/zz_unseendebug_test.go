package agreement

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/runtime/explore"
)

func TestUnseenDebug(t *testing.T) {
	lint := map[string][]string{}
	if os.Getenv("CASE") != "" && os.Getenv("LINT") != "" {
		lint = verdicts(t)
	}
	for _, s := range subjects {
		if os.Getenv("CASE") == "" || s.unplayable != "" {
			continue
		}
		ok := false
		for _, c := range strings.Split(os.Getenv("CASE"), ",") {
			ok = ok || strings.HasPrefix(s.name, c)
		}
		if !ok {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			w := s.world
			w.Limits.Faults, w.Limits.Instances = -1, 1
			printed := false
			w.Property = func(st explore.State) error {
				if !printed {
					printed = true
					fmt.Println("==", s.name, lint[s.name])
					for _, l := range st.Lines() {
						x := l.String()
						fmt.Println("   ", x[:min(len(x), 200)])
					}
				}
				return errors.New("x")
			}
			r := explore.Check(t, w, s.handler)
			if !printed {
				fmt.Println("==", s.name, lint[s.name], "NEVER GOT TO A STATE", r.Err)
				fmt.Println(r.Failure)
			}
			if os.Getenv("STEPS") != "" && r.Failure != nil {
				fmt.Println(r.Failure.Steps)
			}
			w = s.world
			if w.Limits.Schedules == 0 {
				w.Limits.Schedules = 300
			}
			r = explore.Check(t, w, s.handler)
			fmt.Println("  --", r.Err, r.Schedules, r.Operations, r.Elapsed)
			if r.Failure != nil {
				fmt.Println(r.Failure)
			}
		})
	}
}
