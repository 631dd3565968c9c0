// Command main is the only place that knows which store the orders live in.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orders/domain"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orders/store"
	"github.com/idemlint/idemlint/testdata/handlers/etag/orders/worker"
)

func main() {
	conn := os.Getenv("STORAGE")
	blobs, err := azblob.NewClientFromConnectionString(conn, nil)
	if err != nil {
		log.Fatal(err)
	}
	queue, err := azqueue.NewQueueClientFromConnectionString(conn, "parcel-events", nil)
	if err != nil {
		log.Fatal(err)
	}
	svc := domain.NewService(store.NewBlobs(blobs, "shop")) // want `read-modify-write without a precondition.*\(etag\)`
	w := worker.New(worker.Config{Idle: time.Second, Visibility: 2 * time.Minute}, queue, svc)
	log.Fatal(w.Run(context.Background()))
}
