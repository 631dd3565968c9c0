// The intake service.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b26backends/azure"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b26backends/intake"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/b26backends/memory"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	q, a, err := backends(os.Getenv("STORAGE"))
	if err != nil {
		slog.Error("intake", "err", err)
		os.Exit(1)
	}
	if err := intake.New(q, a).Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		slog.Error("intake", "err", err)
		os.Exit(1)
	}
}

func backends(connection string) (intake.Queue, intake.Archive, error) {
	if connection == "" {
		b := memory.New(10)
		return b, b, nil
	}
	queue, err := azqueue.NewQueueClientFromConnectionString(connection, "applications", nil)
	if err != nil {
		return nil, nil, err
	}
	blobs, err := azblob.NewClientFromConnectionString(connection, nil)
	if err != nil {
		return nil, nil, err
	}
	return &azure.Queue{Client: queue}, &azure.Archive{Client: blobs, Container: "applications"}, nil
}
