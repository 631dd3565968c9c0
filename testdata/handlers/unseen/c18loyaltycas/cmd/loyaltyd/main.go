// Command loyaltyd credits points.
package main

import (
	"context"
	"log"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/messaging/azservicebus"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c18loyaltycas/listener"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c18loyaltycas/loyalty"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c18loyaltycas/tablemembers"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	bus, err := azservicebus.NewClientFromConnectionString(os.Getenv("BUS"), nil)
	if err != nil {
		return err
	}
	receiver, err := bus.NewReceiverForQueue("purchases", nil)
	if err != nil {
		return err
	}
	tables, err := aztables.NewServiceClientFromConnectionString(os.Getenv("STORAGE"), nil)
	if err != nil {
		return err
	}
	members := tablemembers.New(tables.NewClient("members"))
	return listener.New(receiver, loyalty.NewService(members)).Listen(ctx)
}
