package agreement

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/runtime/explore"
)

// before does one thing after the other.
func before(steps ...func(context.Context, *explore.Instance) error) func(context.Context, *explore.Instance) error {
	return func(ctx context.Context, in *explore.Instance) error {
		for _, s := range steps {
			if err := s(ctx, in); err != nil {
				return err
			}
		}
		return nil
	}
}

// blobs makes containers and block blobs: "container/name" and what is in it. A name that
// ends with a slash is a container alone.
func blobs(contents map[string]string) func(context.Context, *explore.Instance) error {
	return func(ctx context.Context, in *explore.Instance) error {
		made := map[string]bool{}
		for _, path := range slices.Sorted(maps.Keys(contents)) {
			container, name, _ := strings.Cut(path, "/")
			if !made[container] {
				made[container] = true
				if _, err := in.Storage().CreateContainer(ctx, container, nil); err != nil {
					return err
				}
			}
			if name == "" {
				continue
			}
			if _, err := in.Storage().UploadBuffer(ctx, container, name, []byte(contents[path]), nil); err != nil {
				return err
			}
		}
		return nil
	}
}
