// Package oklosses takes metrics that are gone as soon as they are taken, and says that
// this is meant.
package oklosses

import "context"

// Metrics is a list on a server.
type Metrics interface {
	//idemlint:receive pops
	Pop(ctx context.Context) (Metric, error)
}

// Metric is one.
type Metric struct {
	Name  string
	Value float64
}

// Board shows them.
type Board interface {
	//idemlint:write key=1 value=2
	Show(ctx context.Context, name string, value float64) error
}

// Show shows metrics.
//
//idemlint:at-most-once the next metric comes within a second
func Show(ctx context.Context, m Metrics, b Board) error {
	for {
		metric, err := m.Pop(ctx)
		if err != nil {
			return err
		}
		if err := b.Show(ctx, metric.Name, metric.Value); err != nil {
			return err
		}
	}
}
