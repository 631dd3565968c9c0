// Command ordersd wires the orders service.
//
// Right: see the packages it wires.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orderscas/app"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orderscas/domain"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orderscas/infra/blobrepo"
)

func main() {
	if err := run(context.Background(), os.Getenv("STORAGE")); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, conn string) error {
	orders, err := container.NewClientFromConnectionString(conn, "orders", nil)
	if err != nil {
		return err
	}
	queue, err := azqueue.NewQueueClientFromConnectionString(conn, "parcels", nil)
	if err != nil {
		return err
	}
	consumer := &app.Consumer{Queue: queue, Handler: domain.Handler{Repo: blobrepo.New(orders)}}
	for {
		if err := consumer.Drain(ctx); err != nil {
			return err
		}
		time.Sleep(time.Second)
	}
}
