// Package bus calls functions with text that came from somewhere.
package bus

import "context"

// Func works on one text; with an error the text comes again.
//
//idemlint:handler message=2 lease=30s
type Func func(ctx context.Context, topic, text string) error

// Bus keeps the functions.
type Bus struct{ funcs map[string]Func }

// Register keeps a function for a topic.
func (b *Bus) Register(topic string, f Func) { b.funcs[topic] = f }
