// Package play explores generated handlers: a generated test calls [All] with them.
package play

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"os"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
)

// Clients are what a handler is given.
type Clients struct {
	Queue, Out *azqueue.QueueClient
	Blobs      *azblob.Client
	// Container is the client of one container.
	Container func(name string) *container.Client
	Table     *aztables.Client
}

// Handler is a generated handler.
type Handler func(ctx context.Context, c Clients) error

// World is what a handler works in.
type World struct {
	// Name tells the worlds of one handler apart.
	Name     string
	Queue    string
	Messages []string
	// Blobs by container and name, "orders/latest.json", and rows by partition and row,
	// "totals/all", as JSON. A blob's name that is empty is a container alone.
	Blobs, Rows map[string]string
	// Notice are places that a reader looks at: what he has seen once he relies on. They are
	// beginnings of the names of State.Lines: "blob orders/latest.json".
	Notice []string
	// Change are places of which the first write makes others change the settings.
	Change []string
	// Settings is the blob in which the settings are.
	Settings string
	// Single: each receive brings one message, whatever it asks for.
	Single bool
	// Schedules with two faults, at most.
	Schedules int
}

// Verdict is what exploration says about a handler.
type Verdict struct {
	Name string
	// World is the first one in which it breaks.
	World string
	// Harm, Schedule, Text and Steps are of the first schedule that does harm. Harm is "" where
	// none does.
	Harm, Schedule, Text, Steps string
	// Schedules that were played.
	Schedules int
	// Err is why nothing was played.
	Err string
}

// Breaks tells whether a schedule does harm.
func (v Verdict) Breaks() bool { return v.Harm != "" }

// Files are how All and its caller speak with each other, in the folder of the test.
const (
	WorldsFile   = "worlds.json"
	VerdictsFile = "verdicts.json"
)

// All explores each handler in its worlds, until it breaks in one.
func All(t *testing.T, handlers map[string]Handler) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	log.SetOutput(io.Discard) // The handlers log what goes wrong, and here nearly everything does.
	raw, err := os.ReadFile(WorldsFile)
	if err != nil {
		t.Fatal(err)
	}
	var subjects []struct {
		Name   string
		Worlds []World
	}
	if err := json.Unmarshal(raw, &subjects); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(VerdictsFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	out := json.NewEncoder(file) // one line each, so that those before a crash are there
	for _, s := range subjects {
		if handlers[s.Name] == nil {
			t.Fatalf("no handler %s", s.Name)
		}
		if err := out.Encode(explored(t, s.Name, s.Worlds, handlers[s.Name])); err != nil {
			t.Fatal(err)
		}
	}
}

func explored(t *testing.T, name string, worlds []World, h Handler) Verdict {
	v := Verdict{Name: name}
	for _, w := range worlds {
		r := explore.Check(t, w.explorable(), w.handler(h))
		v.Schedules += r.Schedules
		if r.Err != nil {
			v.Err = w.Name + ": " + r.Err.Error()
			return v
		}
		if f := r.Failure; f != nil {
			v.World, v.Harm, v.Schedule, v.Text, v.Steps = w.Name, string(f.Harm), f.Schedule.String(), f.Text, f.Steps
			return v
		}
	}
	return v
}
