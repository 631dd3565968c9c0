package agreement

import (
	"context"
	"strings"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/testdata/handlers/increment/applied"
	"github.com/idemlint/idemlint/testdata/handlers/increment/balance"
	"github.com/idemlint/idemlint/testdata/handlers/increment/ballots"
	"github.com/idemlint/idemlint/testdata/handlers/increment/capture"
	"github.com/idemlint/idemlint/testdata/handlers/increment/casgeneric"
	"github.com/idemlint/idemlint/testdata/handlers/increment/casseen"
	"github.com/idemlint/idemlint/testdata/handlers/increment/deliveries"
	"github.com/idemlint/idemlint/testdata/handlers/increment/histogram"
	"github.com/idemlint/idemlint/testdata/handlers/increment/inorder"
	"github.com/idemlint/idemlint/testdata/handlers/increment/join"
	"github.com/idemlint/idemlint/testdata/handlers/increment/lastonly"
	"github.com/idemlint/idemlint/testdata/handlers/increment/latemark"
)

var _ = add(
	subject{
		name: "increment/applied",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"campaign":"well","cents":700}`,
				`{"campaign":"well","cents":10}`,
			},
			Before: blobs(map[string]string{"campaigns/well.json": `{"cents":0,"applied":[]}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return applied.Run(ctx, in.Queue("inbox"), in.Storage())
		},
	},
	subject{
		name: "increment/balance",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"bank":"north","account":"a-7","cents":500}`,
				`{"bank":"north","account":"a-7","cents":500}`,
			},
			Before: rows(map[string]string{"accounts/north/a-7": `{"Owner":"Ida","Cents":1200}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := (&balance.Teller{Queue: queueV1(in, "inbox"), Accounts: in.Tables.NewClient("accounts")}).Work(ctx)
			return err
		},
	},
	subject{
		name: "increment/ballots",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"poll":"logo","ballot":"v-1","choice":"red"}`,
				`{"poll":"logo","ballot":"v-2","choice":"red"}`,
			},
			Before: blobs(map[string]string{"polls/logo": `{"ballots":{},"tally":{}}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&ballots.Office{Votes: queueV1(in, "inbox"), Polls: containerOf(in, "polls")}).Open(ctx)
		},
	},
	subject{name: "increment/basket", unplayable: onCosmos},
	subject{
		name: "increment/capture",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"account":"a-1","hold":"h-9"}`,
				`{"account":"a-1","hold":"h-8"}`,
			},
			Before: blobs(map[string]string{"accounts/a-1": `{"cents":1000,"holds":{"h-9":300,"h-8":100}}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&capture.Bank{Queue: queueV1(in, "inbox"), Blobs: in.Storage()}).Run(ctx)
		},
	},
	subject{name: "increment/cartlines", unplayable: onCosmos},
	subject{
		name: "increment/casgeneric",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"tenant":"acme","bytes":2048}`},
			Before:   blobs(map[string]string{"stats/acme.json": `{"uploads":0,"bytes":0}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return casgeneric.Run(ctx, in.Queue("inbox"), containerOf(in, "stats"))
		},
	},
	subject{
		name: "increment/casseen",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"tenant":"acme","bytes":2048}`,
				`{"tenant":"acme","bytes":1}`,
			},
			Before: blobs(map[string]string{"stats/acme.json": `{"uploads":0,"bytes":0}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return casseen.Run(ctx, in.Queue("inbox"), containerOf(in, "stats"))
		},
	},
	subject{name: "increment/condpatch", unplayable: onCosmos},
	subject{
		// How often a message was delivered is counted on purpose, and no decision hangs on it.
		name: "increment/deliveries",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"invoice":"i-1","text":"one mug"}`},
			Before:   before(blobs(map[string]string{"invoices/": ""}), tables("attempts")),
			Ignore:   func(name string) bool { return strings.HasPrefix(name, "row attempts/") },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&deliveries.Renderer{Queue: in.Queue("inbox"), Blobs: in.Storage(), Attempts: in.Tables.NewClient("attempts")}).Run(ctx)
		},
	},
	subject{
		name: "increment/histogram",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"route":"search","ms":130}`},
			Before:   blobs(map[string]string{"metrics/search": `{}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return histogram.Run(ctx, in.Queue("inbox"), in.Storage())
		},
		differs: "known miss: a counter that is an element of a map (buckets[key]++, the key made of the message)",
	},
	subject{
		name: "increment/inorder",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"ledger":"l-1","seq":1,"cents":250}`,
				`{"ledger":"l-1","seq":2,"cents":50}`,
			},
			Before: blobs(map[string]string{"ledgers/l-1": `{"seq":0,"cents":0}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return inorder.Run(ctx, in.Queue("inbox"), in.Storage())
		},
	},
	subject{
		name: "increment/join",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"job":"j-1","part":"p1"}`,
				`{"job":"j-1","part":"p2"}`,
			},
			Before: blobs(map[string]string{"jobs/j-1/pending": `{"p1":true,"p2":true}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return join.Run(ctx, queueV1(in, "inbox"), containerOf(in, "jobs"))
		},
	},
	subject{
		name: "increment/lastonly",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"campaign":"well","cents":700}`,
				`{"campaign":"well","cents":10}`,
			},
			Before: blobs(map[string]string{"campaigns/well.json": `{"cents":0,"last":""}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return lastonly.Run(ctx, in.Queue("inbox"), in.Storage())
		},
		differs: "known miss: a field that names the last message is taken for a mark of every message",
	},
	subject{
		name: "increment/latemark",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"trip":"t-1","truck":"u7","km":120}`},
			Before:   blobs(map[string]string{"fleet/totals/u7": `{"km":1000}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&latemark.Fleet{Queue: in.Queue("inbox"), Blobs: containerOf(in, "fleet")}).Run(ctx)
		},
	},
	subject{name: "increment/ledgerbatch", unplayable: onServiceBus},
	subject{name: "increment/loyalty", unplayable: onServiceBus},
)
