package fixes

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/idemlint/idemlint/runtime/explore"
	photo "github.com/idemlint/idemlint/testdata/fixes/testdata/deleteonerror/photo"
	counter "github.com/idemlint/idemlint/testdata/fixes/testdata/etag/counter"
	roster "github.com/idemlint/idemlint/testdata/fixes/testdata/etag/roster"
	receipt "github.com/idemlint/idemlint/testdata/fixes/testdata/freshkey/receipt"
	counterfixed "github.com/idemlint/idemlint/testdata/fixes/testdata/played/counter"
	longimportfixed "github.com/idemlint/idemlint/testdata/fixes/testdata/played/longimport"
	photofixed "github.com/idemlint/idemlint/testdata/fixes/testdata/played/photo"
	receiptfixed "github.com/idemlint/idemlint/testdata/fixes/testdata/played/receipt"
	rosterfixed "github.com/idemlint/idemlint/testdata/fixes/testdata/played/roster"
	longimport "github.com/idemlint/idemlint/testdata/fixes/testdata/stalereceipt/longimport"
)

// played is a case that is played as it was written and as the fixes leave it.
type played struct {
	name         string
	queue        string
	messages     []string
	blobs        map[string]string // container, or container and blob, and what it holds
	before, then explore.Handler
	// remains: the fix does not cure everything, and the linter still says so.
	remains bool
}

var cast = []played{
	{
		name: "etag/counter", queue: "visits", messages: []string{"one", "two"}, blobs: map[string]string{"counters/visits": "5"},
		before: func(ctx context.Context, in *explore.Instance) error {
			return counter.Count(ctx, in.Queue("visits"), in.Storage())
		},
		then: func(ctx context.Context, in *explore.Instance) error {
			return counterfixed.Count(ctx, in.Queue("visits"), in.Storage())
		},
		remains: true,
	},
	{
		name: "etag/roster", queue: "joinings", messages: []string{`{"Team":"red","Name":"Ann"}`, `{"Team":"red","Name":"Bob"}`},
		blobs: map[string]string{"teams/red.json": "{}"},
		before: func(ctx context.Context, in *explore.Instance) error {
			return roster.Join(ctx, in.Queue("joinings"), in.Storage())
		},
		then: func(ctx context.Context, in *explore.Instance) error {
			return rosterfixed.Join(ctx, in.Queue("joinings"), in.Storage())
		},
	},
	{
		name: "deleteonerror/photo", queue: "photos", messages: []string{`{"Name":"sea","Data":"AAEC"}`}, blobs: map[string]string{"photographs": ""},
		before: func(ctx context.Context, in *explore.Instance) error {
			return photo.Poll(ctx, in.Queue("photos"), in.Storage())
		},
		then: func(ctx context.Context, in *explore.Instance) error {
			return photofixed.Poll(ctx, in.Queue("photos"), in.Storage())
		},
	},
	{
		name: "freshkey/receipt", queue: "sales", messages: []string{`{"Shop":"s1","Text":"two apples"}`}, blobs: map[string]string{"receipts": ""},
		before: func(ctx context.Context, in *explore.Instance) error {
			return receipt.Poll(ctx, in.Queue("sales"), in.Storage())
		},
		then: func(ctx context.Context, in *explore.Instance) error {
			return receiptfixed.Poll(ctx, in.Queue("sales"), in.Storage())
		},
	},
	{
		name: "stalereceipt/longimport", queue: "lists", messages: []string{`{"List":"l-1","Rows":9000}`}, blobs: map[string]string{"lists": ""},
		before: func(ctx context.Context, in *explore.Instance) error {
			return (&longimport.Importer{Queue: in.Queue("lists"), Blobs: in.Storage()}).Next(ctx)
		},
		then: func(ctx context.Context, in *explore.Instance) error {
			return (&longimportfixed.Importer{Queue: in.Queue("lists"), Blobs: in.Storage()}).Next(ctx)
		},
	},
}

// TestPlayed: before the fixes some schedule does harm. After them none does, or the
// linter still has something to say.
func TestPlayed(t *testing.T) {
	for _, p := range cast {
		t.Run(p.name, func(t *testing.T) {
			golden, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(p.name), "handler.go.golden"))
			if err != nil {
				t.Fatal(err)
			}
			src, err := os.ReadFile(filepath.Join("testdata", "played", filepath.Base(p.name), "handler.go"))
			if err != nil || string(src) != string(golden) {
				t.Fatalf("what is played is not the golden file: copy it (%v)", err)
			}
			if left := len(expected(golden, true)) > 0; left != p.remains {
				t.Errorf("the golden file expects findings: %t, want %t", left, p.remains)
			}
			world := explore.World{
				Queue: p.queue, Messages: p.messages, Limits: explore.Limits{Schedules: 300},
				Before: func(ctx context.Context, in *explore.Instance) error { return fill(ctx, in, p.blobs) },
			}
			result := explore.Check(t, world, p.before)
			if result.Err != nil || result.Failure == nil {
				t.Errorf("before: %v, no harm in %d schedules", result.Err, result.Schedules)
			}
			result = explore.Check(t, world, p.then)
			switch {
			case result.Err != nil:
				t.Error(result.Err)
			case p.remains && result.Failure == nil:
				t.Errorf("after: a finding remains, but no harm in %d schedules", result.Schedules)
			case !p.remains && result.Failure != nil:
				t.Errorf("after:\n%s", result.Failure)
			}
		})
	}
}

// fill makes containers and blobs.
func fill(ctx context.Context, in *explore.Instance, blobs map[string]string) error {
	for path, text := range blobs {
		container, name := filepath.Split(path)
		if container == "" {
			container, name = name, ""
		}
		container = filepath.Clean(container)
		if _, err := in.Storage().CreateContainer(ctx, container, nil); err != nil {
			return err
		}
		if name != "" {
			if _, err := in.Storage().UploadBuffer(ctx, container, name, []byte(text), nil); err != nil {
				return err
			}
		}
	}
	return nil
}
