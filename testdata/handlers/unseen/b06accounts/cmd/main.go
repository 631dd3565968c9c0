// The bookkeeper.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b06accounts/repo"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b06accounts/worker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		slog.Error("bookkeeper", "err", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	bus, err := azservicebus.NewClientFromConnectionString(os.Getenv("SERVICEBUS"), nil)
	if err != nil {
		return fmt.Errorf("service bus: %w", err)
	}
	receiver, err := bus.NewReceiverForQueue("payments", nil)
	if err != nil {
		return err
	}
	cosmos, err := azcosmos.NewClientFromConnectionString(os.Getenv("COSMOS"), nil)
	if err != nil {
		return fmt.Errorf("cosmos: %w", err)
	}
	accounts, err := cosmos.NewContainer("bank", "accounts")
	if err != nil {
		return err
	}
	return worker.New(receiver, repo.NewCosmos(accounts, slog.Default())).Run(ctx) // want `read-modify-write without a precondition.*\(etag\)`
}
