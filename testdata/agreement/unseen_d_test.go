package agreement

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/explore"
	grants "github.com/idemlint/idemlint/testdata/handlers/unseen/d01grants"
	receipts "github.com/idemlint/idemlint/testdata/handlers/unseen/d03receipts"
	passes "github.com/idemlint/idemlint/testdata/handlers/unseen/d05passes"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/d09chain/pipe"
	chainstate "github.com/idemlint/idemlint/testdata/handlers/unseen/d09chain/state"
	claims "github.com/idemlint/idemlint/testdata/handlers/unseen/d10claims"
	digest "github.com/idemlint/idemlint/testdata/handlers/unseen/d13digest"
	ackclosure "github.com/idemlint/idemlint/testdata/handlers/unseen/d14ackclosure"
	later "github.com/idemlint/idemlint/testdata/handlers/unseen/d16later"
	drain "github.com/idemlint/idemlint/testdata/handlers/unseen/d18drain"
	options "github.com/idemlint/idemlint/testdata/handlers/unseen/d19options"
	budgeted "github.com/idemlint/idemlint/testdata/handlers/unseen/d22budgeted"
	fan "github.com/idemlint/idemlint/testdata/handlers/unseen/d24fan"
)

// note is a phase as the command of d09chain has them.
func note(text string) pipe.Phase {
	return func(_ context.Context, c *pipe.Call) error {
		if !slices.Contains(c.Notes, text) {
			c.Notes = append(c.Notes, text)
		}
		return nil
	}
}

var _ = add(
	subject{
		name: "unseen/d01grants",
		world: explore.World{
			Queue: "requests", Messages: []string{`{"subject":"ida","scope":"lab","hours":8}`},
			Before: blobs(map[string]string{"gateway/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return grants.NewIssuer(in.Queue("requests"), in.Storage()).Run(ctx)
		},
	},
	subject{name: "unseen/d02board", unplayable: onServiceBus},
	subject{
		name: "unseen/d03receipts",
		world: explore.World{
			Queue: "orders", Messages: []string{"two mugs", "one pot"},
			Before: blobs(map[string]string{"receipts/": "", "printed/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			d := &receipts.Desk{Orders: in.Queue("orders"), Receipts: containerOf(in, "receipts"), Printed: containerOf(in, "printed")}
			return d.Run(ctx)
		},
	},
	subject{name: "unseen/d04audit", unplayable: onServiceBus},
	subject{
		name: "unseen/d05passes",
		world: explore.World{
			Queue: "visitors", Messages: []string{"ida", "bob"},
			Before: blobs(map[string]string{"passes/": ""}),
			// A day after the messages were put, which is at the very beginning of each schedule.
			// Exploration would count it from when each pass was first written.
			Mask: func(_, value string) string {
				return strings.Replace(value, `"expires":"2000-01-02T00:00:00Z"`, `"expires":"in time"`, 1)
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return passes.Serve(ctx, queueV1(in, "visitors"), in.Storage())
		},
	},
	subject{name: "unseen/d06base", unplayable: onCosmos},
	subject{name: "unseen/d07forced", unplayable: onServiceBus},
	subject{name: "unseen/d08docs", unplayable: onServiceBus},
	subject{
		name: "unseen/d09chain",
		world: explore.World{
			Queue: "calls", Messages: []string{"c-1", "c-1"},
			Before: blobs(map[string]string{"calls/c-1": `{"id":"c-1","phase":0,"notes":[]}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			p := &pipe.Pipeline{
				Queue: in.Queue("calls"), Store: &chainstate.Blobs{Calls: containerOf(in, "calls")},
				Phases: []pipe.Phase{note("triaged"), note("assigned"), note("answered")},
			}
			return p.Run(ctx)
		},
	},
	subject{
		name: "unseen/d10claims",
		differs: "known miss: SubmitTransaction's error has the status of the whole answer, 202 (aztables v1.4.1), never the 409 of the " +
			"row that is there already, so a claim that was paid before is not recognised and its message comes for ever",
		world: explore.World{
			Queue: "claims", Messages: []string{`{"customer":"ida","cents":100}`, `{"customer":"ida","cents":50}`},
			Before: rows(map[string]string{"budgets/ida/budget": `{"Left":1000}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			claims.Open(queueV1(in, "claims"), in.Tables.NewClient("budgets")).Serve(ctx)
			return nil
		},
	},
	subject{
		name:       "unseen/d11seen",
		unplayable: "it sends to Azure Service Bus, which the runtime does not speak",
	},
	subject{name: "unseen/d12verdict", unplayable: onServiceBus},
	subject{
		name: "unseen/d13digest",
		world: explore.World{
			// One alert: how many are in a digest depends on when they come.
			Queue: "alerts", Messages: []string{"disk full"},
			Before: queues("pager"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return digest.NewCollector(queueV1(in, "alerts"), queueV1(in, "pager")).Run(ctx)
		},
	},
	subject{
		name: "unseen/d14ackclosure",
		world: explore.World{
			Queue: "uploads", Messages: []string{`{"Lines":["a","b"]}`, `{"Lines":[]}`},
			Before: blobs(map[string]string{"imports/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			(&ackclosure.Importer{Source: ackclosure.FromQueue(in.Queue("uploads")), Into: containerOf(in, "imports")}).Run(ctx)
			return nil
		},
	},
	subject{name: "unseen/d15flusher", unplayable: onServiceBus},
	subject{
		name: "unseen/d16later",
		world: explore.World{
			Queue: "posts", Messages: []string{
				`{"at":"1999-12-31T00:00:00Z","html":"<p>old</p>"}`,
				`{"at":"2000-01-01T00:15:00Z","html":"<p>new</p>"}`,
			},
			Before: blobs(map[string]string{"site/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&later.Scheduler{Posts: queueV1(in, "posts"), Site: in.Storage(), Name: "site"}).Run(ctx)
		},
	},
	subject{name: "unseen/d17kinds", unplayable: onServiceBus},
	subject{
		name: "unseen/d18drain",
		world: explore.World{
			Queue: "crashes", Messages: []string{"one", "two"},
			Before: blobs(map[string]string{"dumps/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			k := drain.New(in.Queue("crashes"), in.Storage())
			defer context.AfterFunc(ctx, k.Stop)()
			// No context of the handler's ends it, but Stop.
			return k.Run(context.WithoutCancel(ctx))
		},
	},
	subject{
		name:  "unseen/d19options",
		world: explore.World{Queue: "pages", Messages: []string{"<page/>"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return options.Render(outside(ctx, in, always(100*time.Second)), queueV1(in, "pages"), "https://render.example")
		},
	},
	subject{name: "unseen/d20metered", unplayable: startsProcess},
	subject{name: "unseen/d21late", unplayable: startsProcess},
	subject{
		name:  "unseen/d22budgeted",
		world: explore.World{Queue: "texts", Messages: []string{"one", "two"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return budgeted.Serve(outside(ctx, in, always(239*time.Second)), queueV1(in, "texts"), "https://site.example")
		},
	},
	subject{name: "unseen/d23kept", unplayable: startsProcess},
	subject{
		name:  "unseen/d24fan",
		world: explore.World{Queue: "documents", Messages: []string{"one", "two"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return fan.New(in.Queue("documents"), "https://index.example").Run(outside(ctx, in, always(39*time.Second)))
		},
	},
)
