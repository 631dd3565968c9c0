// Command cmd runs the pipeline of support calls.
package main

import (
	"context"
	"log"
	"os"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/testdata/handlers/unseen/d09chain/pipe"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/d09chain/state"
)

func note(text string) pipe.Phase {
	return func(_ context.Context, c *pipe.Call) error {
		if !slices.Contains(c.Notes, text) {
			c.Notes = append(c.Notes, text)
		}
		return nil
	}
}

func main() {
	q, err := azqueue.NewQueueClientFromConnectionString(os.Getenv("STORAGE"), "calls", nil)
	if err != nil {
		log.Fatal(err)
	}
	calls, err := container.NewClientFromConnectionString(os.Getenv("STORAGE"), "calls", nil)
	if err != nil {
		log.Fatal(err)
	}
	p := &pipe.Pipeline{Queue: q, Store: &state.Blobs{Calls: calls}, Phases: []pipe.Phase{note("triaged"), note("assigned"), note("answered")}}
	log.Fatal(p.Run(context.Background()))
}
