package explore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// writing is a handler that writes n blobs, all named after the message: no schedule
// breaks it, so that all of them are played.
func writing(n int) explore.Handler {
	return explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
		for i := range n {
			if err := upload(ctx, in, "stats", fmt.Sprintf("%s-%d", *m.MessageText, i), "content"); err != nil {
				return err
			}
		}
		return nil
	})
}

// sized is a world with so many messages, faults and instances.
func sized(messages, faults, instances int) explore.World {
	w := orders(strings.Fields("one two three four")[:messages]...)
	w.Limits = explore.Limits{Faults: faults, Instances: instances, Schedules: 1}
	return w
}

// How the number of schedules grows: with the operations of a handler (of which receive
// and delete are two more), with messages, faults and instances.
func TestGrowth(t *testing.T) {
	var table strings.Builder
	row := func(writes, messages, faults, instances int) {
		r := explore.Check(t, sized(messages, faults, instances), writing(writes))
		if err := errors.Join(r.Err); err != nil || r.Failure != nil {
			t.Fatal(err, r.Failure)
		}
		fmt.Fprintf(&table, "%6d %8d %6d %9d %9d\n", writes, messages, faults, instances, r.Possible)
	}
	fmt.Fprintf(&table, "%6s %8s %6s %9s %9s\n", "writes", "messages", "faults", "instances", "schedules")
	for _, writes := range []int{1, 2, 4, 8, 16} {
		row(writes, 1, 1, 2)
	}
	for _, writes := range []int{1, 2, 4, 8} {
		row(writes, 1, 2, 2)
	}
	row(2, 2, 1, 2)
	row(2, 3, 1, 2)
	row(2, 2, 2, 2)
	row(2, 2, 2, 1)
	row(2, 2, 2, 3)
	golden(t, "growth", table.String())
}

// BenchmarkSchedules is how fast schedules are played.
func BenchmarkSchedules(b *testing.B) {
	for _, writes := range []int{1, 5, 20} {
		b.Run(fmt.Sprintf("writes=%d", writes), func(b *testing.B) {
			schedules, operations := 0, 0
			for b.Loop() {
				// A bubble wants a testing.T, of which it uses nothing here.
				r := explore.Check(new(testing.T), sized(1, 1, 2), writing(writes))
				if r.Err != nil || r.Failure != nil {
					b.Fatal(r.Err, r.Failure)
				}
				schedules += r.Schedules
				operations += r.Operations
			}
			b.ReportMetric(float64(schedules)/b.Elapsed().Seconds(), "schedules/s")
			b.ReportMetric(float64(operations)/b.Elapsed().Seconds(), "operations/s")
		})
	}
}
