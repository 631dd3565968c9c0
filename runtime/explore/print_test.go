package explore_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idemlint/idemlint/runtime/explore"
)

// A lease ends when it ends, though it is told only of those whose message comes again.
func TestStepsAreInOrderOfTime(t *testing.T) {
	price := func(ctx context.Context, in *explore.Instance) error {
		m, err := receive(ctx, in, 30*time.Second)
		if m == nil {
			return err
		}
		if err := upload(ctx, in, "stats", "price", *m.MessageText); err != nil {
			return err
		}
		return settle(ctx, in, m)
	}
	for _, word := range []string{"C@1.3", "freeze@1.2", "B@1.1,C@1.4", "/2:crash-@1.2,C@2.3"} {
		f, steps, err := explore.Replay(t, orders("10", "12"), price, word)
		if err != nil {
			t.Fatal(err)
		}
		var times []string
		for line := range strings.Lines(steps) {
			times = append(times, strings.Fields(line)[0])
		}
		if !slices.IsSorted(times) || !strings.Contains(steps, "lease of m1 ends") {
			t.Errorf("%s: %v\n%s", word, f, steps)
		}
	}
}
