// Command cmd shows the departures of one station; its name comes from the environment.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"

	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/idemlint/idemlint/testdata/handlers/unseen/d02board/boards"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/d02board/worker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	bus, err := azservicebus.NewClientFromConnectionString(os.Getenv("BUS"), nil)
	if err != nil {
		log.Fatal(err)
	}
	rcv, err := bus.NewReceiverForQueue("departures", nil)
	if err != nil {
		log.Fatal(err)
	}
	site, err := container.NewClientFromConnectionString(os.Getenv("SITE"), "site", nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := worker.Run(ctx, rcv, boards.NewBlob(site, os.Getenv("STATION"))); err != nil { // want `key that several messages share.*\(blobwrite\)`
		log.Print(err)
	}
}
