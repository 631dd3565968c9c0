package agreement

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"

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

// tables makes tables.
func tables(names ...string) func(context.Context, *explore.Instance) error {
	return func(ctx context.Context, in *explore.Instance) error {
		for _, name := range names {
			if _, err := in.Tables.CreateTable(ctx, name, nil); err != nil {
				return err
			}
		}
		return nil
	}
}

// queues makes queues besides the worked one.
func queues(names ...string) func(context.Context, *explore.Instance) error {
	return func(ctx context.Context, in *explore.Instance) error {
		for _, name := range names {
			if _, err := in.Queue(name).Create(ctx, nil); err != nil {
				return err
			}
		}
		return nil
	}
}

// queueV1 is the client of a queue that azqueue's first version has.
func queueV1(in *explore.Instance, name string) *azqueue.QueueClient {
	options := &azqueue.ClientOptions{ClientOptions: in.ClientOptions()}
	client, err := azqueue.NewQueueClientWithNoCredential(in.Account.QueueURL(name), options)
	if err != nil {
		panic(err)
	}
	return client
}

// containerOf is the client of a container.
func containerOf(in *explore.Instance, name string) *container.Client {
	return in.Storage().ServiceClient().NewContainerClient(name)
}

// The handlers log what goes wrong, and here nearly everything does.
func init() {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	log.SetOutput(io.Discard)
}

// rows makes tables and entities: "table/partition/row" and its properties as JSON.
func rows(contents map[string]string) func(context.Context, *explore.Instance) error {
	return func(ctx context.Context, in *explore.Instance) error {
		made := map[string]bool{}
		for _, path := range slices.Sorted(maps.Keys(contents)) {
			parts := strings.SplitN(path, "/", 3)
			if table := parts[0]; !made[table] {
				made[table] = true
				if _, err := in.Tables.CreateTable(ctx, table, nil); err != nil {
					return err
				}
			}
			entity := map[string]any{}
			if err := json.Unmarshal([]byte(contents[path]), &entity); err != nil {
				return err
			}
			entity["PartitionKey"], entity["RowKey"] = parts[1], parts[2]
			raw, err := json.Marshal(entity)
			if err != nil {
				return err
			}
			if _, err := in.Tables.NewClient(parts[0]).AddEntity(ctx, raw, nil); err != nil {
				return err
			}
		}
		return nil
	}
}

// Why cases cannot be played.
const (
	onServiceBus = "its messages come from Azure Service Bus, which the runtime does not speak"
	onCosmos     = "its state lies in Azure Cosmos DB, which the runtime does not speak"
	dialsItself  = "it makes its clients itself, from a connection string: nothing can come between them and the network"
)

// Why cases of several folders differ.
const (
	atMostOnce = "the handler says //idemlint:at-most-once, so the linter accepts the loss that exploration shows"
)
