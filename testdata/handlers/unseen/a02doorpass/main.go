// Command a02doorpass grants visitors access to doors.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a02doorpass/infra"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a02doorpass/worker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv("STORAGE_CONNECTION")); err != nil && !errors.Is(err, context.Canceled) {
		slog.Error("doorpass", "err", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, conn string) error {
	visits, err := azqueue.NewQueueClientFromConnectionString(conn, "visits", nil)
	if err != nil {
		return err
	}
	svc, err := aztables.NewServiceClientFromConnectionString(conn, nil)
	if err != nil {
		return err
	}
	return worker.New(visits, infra.NewGrantTable(svc.NewClient("grants"))).Run(ctx) // want `content that differs from attempt to attempt.*\(blobwrite\)`
}
