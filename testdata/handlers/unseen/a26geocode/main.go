// Command a26geocode finds out where customers live.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a26geocode/geo"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a26geocode/store"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a26geocode/worker"
)

func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	conn := os.Getenv("STORAGE")
	queue := must(azqueue.NewQueueClientFromConnectionString(conn, "addresses", nil))
	tables := must(aztables.NewServiceClientFromConnectionString(conn, nil))
	places := &store.Places{Table: tables.NewClient("places")}

	w := worker.New(queue, places, geo.NewClient(os.Getenv("GEOCODER")))
	if err := w.Run(ctx); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}
