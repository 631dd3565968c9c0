package agreement

import (
	"context"

	"github.com/idemlint/idemlint/runtime/explore"
	counter "github.com/idemlint/idemlint/testdata/handlers/etag/counteretag"
)

var _ = add(
	subject{
		name: "etag/counteretag",
		world: explore.World{
			Queue: "visits", Messages: []string{"home"},
			Before: blobs(map[string]string{"counters/visits.txt": "5"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return counter.Run(ctx, in.Queue("visits"), in.Storage())
		},
	},
)
