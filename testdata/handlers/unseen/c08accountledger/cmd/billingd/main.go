// Command billingd books payments.
package main

import (
	"context"
	"log"
	"log/slog"
	"os"
	"os/signal"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c08accountledger/billing"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c08accountledger/cosmosaccounts"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	queue, err := azqueue.NewQueueClientFromConnectionString(os.Getenv("STORAGE"), "payments", nil)
	if err != nil {
		return err
	}
	cosmos, err := azcosmos.NewClientFromConnectionString(os.Getenv("COSMOS"), nil)
	if err != nil {
		return err
	}
	items, err := cosmos.NewContainer("billing", "accounts")
	if err != nil {
		return err
	}
	p := billing.NewProcessor(queue, cosmosaccounts.New(items), slog.Default()) // want `read-modify-write without a precondition.*\(etag\)`
	return p.Run(ctx)
}
