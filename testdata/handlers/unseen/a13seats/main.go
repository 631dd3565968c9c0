// Command a13seats books seats.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a13seats/infra"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a13seats/worker"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	bus, err := azservicebus.NewClientFromConnectionString(os.Getenv("SERVICEBUS_CONNECTION"), nil)
	if err != nil {
		log.Fatal(err)
	}
	rcv, err := bus.NewReceiverForQueue("seats", nil)
	if err != nil {
		log.Fatal(err)
	}
	db, err := azcosmos.NewClientFromConnectionString(os.Getenv("COSMOS_CONNECTION"), nil)
	if err != nil {
		log.Fatal(err)
	}
	shows, err := db.NewContainer("theatre", "shows")
	if err != nil {
		log.Fatal(err)
	}
	if err := worker.New(rcv, infra.CosmosShows{ContainerClient: shows}).Run(ctx); err != nil {
		log.Print(err)
	}
}
