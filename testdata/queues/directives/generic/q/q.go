// Package q is a queue of anything and a store of anything, for every type the same code.
package q

import (
	"context"
	"net/rpc"
)

// Queue brings values of one type.
type Queue[T any] struct{ rpc *rpc.Client }

//idemlint:receive batch=arg1 lease=45s
func (q *Queue[T]) Take(ctx context.Context, n int) (list []T, err error) {
	err = q.rpc.Call("Queue.Take", n, &list)
	return list, err
}

//idemlint:settle
func (q *Queue[T]) Done(ctx context.Context, item T) error {
	return q.rpc.Call("Queue.Done", item, nil)
}

// Store keeps values under keys.
type Store[K comparable, V any] interface {
	//idemlint:read key=1
	Get(ctx context.Context, key K) (V, error)
	//idemlint:write key=1 value=2
	Put(ctx context.Context, key K, value V) error
}

// Step is what is done with one value.
//
//idemlint:handler lease=45s
type Step[T any] func(ctx context.Context, item T) error

// Steps are called one after another.
type Steps[T any] struct{ list []Step[T] }

// Add adds one.
func (s *Steps[T]) Add(step Step[T]) { s.list = append(s.list, step) }
