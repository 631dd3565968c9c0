// Package kv is what the house calls its key-value store.
package kv

import "context"

// Store is a map on some server.
type Store interface {
	// Get reads the number under a key.
	//
	//idemlint:read key=1
	Get(ctx context.Context, key string) (int, error)
	// Set replaces it.
	//
	//idemlint:write key=1 value=2
	Set(ctx context.Context, key string, n int) error
}
