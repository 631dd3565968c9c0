// Command main wires the weather service.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/weather/domain"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/weather/storage"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/weather/worker"
)

func main() {
	conn := flag.String("storage", "", "connection string")
	flag.Parse()
	blobs, err := azblob.NewClientFromConnectionString(*conn, nil)
	if err != nil {
		log.Fatal(err)
	}
	q, err := azqueue.NewQueueClientFromConnectionString(*conn, "measurements", nil)
	if err != nil {
		log.Fatal(err)
	}
	forecaster := domain.NewForecaster(storage.NewFrontPage(blobs)) // want `key that several messages share.*\(blobwrite\)`
	worker.Loop(context.Background(), q, forecaster)
}
