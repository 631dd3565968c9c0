// Command cmd wires the climate archive.
//
// Right: see package domain.
package main

import (
	"context"
	"log"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/climate/domain"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/climate/infra"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/climate/worker"
)

func main() {
	conn := os.Getenv("CLIMATE_STORAGE")
	archive, err := container.NewClientFromConnectionString(conn, "archive", nil)
	if err != nil {
		log.Fatal(err)
	}
	q, err := azqueue.NewQueueClientFromConnectionString(conn, "measurements", nil)
	if err != nil {
		log.Fatal(err)
	}
	sink := domain.Archivist{Archive: infra.BlobArchive{Container: archive}}
	n, err := worker.Drain(context.Background(), q, sink)
	log.Printf("%d measurements archived, then: %v", n, err)
}
