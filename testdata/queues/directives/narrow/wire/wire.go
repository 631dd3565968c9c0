// Package wire puts the clients into the worker: only here it is known what its
// interfaces stand for.
package wire

import (
	"context"
	"net/rpc"

	"github.com/idemlint/idemlint/testdata/queues/directives/narrow/kv"
	"github.com/idemlint/idemlint/testdata/queues/directives/narrow/mq"
	"github.com/idemlint/idemlint/testdata/queues/directives/narrow/worker"
)

// Start runs a counter.
func Start(ctx context.Context, q *mq.Client, conn *rpc.Client) error {
	return worker.New(q, kv.Connect(conn)).Run(ctx) // want `read-modify-write without a precondition: what kv.Client Set writes.*\(etag\)`
}
