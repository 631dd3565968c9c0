package agreement

import (
	"context"
	"encoding/base64"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/idemlint/idemlint/runtime/explore"
	parcels "github.com/idemlint/idemlint/testdata/handlers/missingdelete/ackfunc"
	importer "github.com/idemlint/idemlint/testdata/handlers/missingdelete/alreadydone"
	snippets "github.com/idemlint/idemlint/testdata/handlers/missingdelete/blobexists"
	feeds "github.com/idemlint/idemlint/testdata/handlers/missingdelete/boolforgotten"
	letters "github.com/idemlint/idemlint/testdata/handlers/missingdelete/callersettles"
	signup "github.com/idemlint/idemlint/testdata/handlers/missingdelete/conflictleft"
	accounts "github.com/idemlint/idemlint/testdata/handlers/missingdelete/conflictthendelete"
	labels "github.com/idemlint/idemlint/testdata/handlers/missingdelete/continueafter"
	exporter "github.com/idemlint/idemlint/testdata/handlers/missingdelete/ctxdone"
	bom "github.com/idemlint/idemlint/testdata/handlers/missingdelete/cycleok"
	sitemap "github.com/idemlint/idemlint/testdata/handlers/missingdelete/cyclewalk"
	webhooks "github.com/idemlint/idemlint/testdata/handlers/missingdelete/defaultpoison"
	snapshots "github.com/idemlint/idemlint/testdata/handlers/missingdelete/deferflag"
	meters "github.com/idemlint/idemlint/testdata/handlers/missingdelete/deferredok"
	minutes "github.com/idemlint/idemlint/testdata/handlers/missingdelete/deleteretry"
	journal "github.com/idemlint/idemlint/testdata/handlers/missingdelete/dropappend"
	relay "github.com/idemlint/idemlint/testdata/handlers/missingdelete/dropenqueue"
	invoices "github.com/idemlint/idemlint/testdata/handlers/missingdelete/earlyreturn"
	moderation "github.com/idemlint/idemlint/testdata/handlers/missingdelete/enumallarms"
)

var _ = add(
	subject{
		name: "missingdelete/ackfunc",
		world: explore.World{
			Queue: "scans", Messages: []string{`{"Parcel":"p-1","Depot":"Bern"}`, `{"Parcel":"p-1","Depot":"Basel"}`},
			Before: tables("scans"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return parcels.NewStation(in.Queue("scans"), in.Tables.NewClient("scans")).Run(ctx, 2)
		},
	},
	subject{
		name: "missingdelete/alreadydone",
		world: explore.World{
			Queue: "jobs", Messages: []string{`manifest 1`, `manifest 2`},
			Before: blobs(map[string]string{"manifests/": "", "receipts/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			importer.New(in.Queue("jobs"), containerOf(in, "manifests"), containerOf(in, "receipts")).Serve(ctx)
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/blobexists",
		world: explore.World{
			Queue: "snippets", Messages: []string{`one`, `two`},
			Before: blobs(map[string]string{"snippets/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			snippets.Keep(ctx, in.Queue("snippets"), in.Storage(), func(string, ...any) {})
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/boolforgotten",
		world: explore.World{
			Queue: "feeds", Messages: []string{`<feed><partner>acme</partner><item>a</item></feed>`, `<feed><partner>mute</partner></feed>`},
			Before: blobs(map[string]string{"feeds/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			p := &feeds.Publisher{
				Queue: in.Queue("feeds"), Site: in.Storage(), Muted: map[string]bool{"mute": true}, Trace: io.Discard,
			}
			return p.Poll(ctx)
		},
	},
	subject{name: "missingdelete/busdrop", unplayable: onServiceBus},
	subject{
		name: "missingdelete/callersettles",
		world: explore.World{
			Queue: "letters", Messages: []string{`DRAFT one`, `two`, `  `},
			Before: blobs(map[string]string{"texts/": ""}),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			letters.Main(in.Queue("letters"), containerOf(in, "texts"))
			return nil
		},
	},
	subject{
		name: "missingdelete/conflictleft",
		world: explore.World{
			Queue: "signups", Messages: []string{
				base64.StdEncoding.EncodeToString([]byte("ada")),
				base64.StdEncoding.EncodeToString([]byte("bob")),
			},
			Before: tables("users"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return signup.Tick(ctx, queueV1(in, "signups"), in.Tables.NewClient("users"))
		},
	},
	subject{
		name: "missingdelete/conflictthendelete",
		world: explore.World{
			Queue: "requests", Messages: []string{`ada`, `bob`},
			Before: tables("accounts"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&accounts.Clerk{Requests: in.Queue("requests"), Accounts: in.Tables.NewClient("accounts")}).Open(ctx)
		},
	},
	subject{
		name: "missingdelete/continueafter",
		world: explore.World{
			Queue: "labels", Messages: []string{
				`{"Parcel":"p-1","Address":["Ada","Bern"]}`,
				`{"Parcel":"p-2","Address":["Bob"],"Quiet":true}`,
			},
			Before: blobs(map[string]string{"out/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			labels.PrintLoop(ctx, queueV1(in, "labels"), containerOf(in, "out"), log.New(io.Discard, "", 0))
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/ctxdone",
		world: explore.World{
			Queue: "exports", Messages: []string{`{"Tenant":"t-1","Parts":["one","two"]}`, `{"Tenant":"t-1","Parts":["three"]}`},
			Before: blobs(map[string]string{"exports/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			exporter.Work(ctx, queueV1(in, "exports"), in.Storage())
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/cycleok",
		world: explore.World{
			Queue: "bills", Messages: []string{`{"no":"bike","parts":[{"no":"wheel","parts":[{"no":"spoke"}]}]}`, `{"no":"bell"}`},
			Before: tables("parts"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return bom.Explode(ctx, in.Queue("bills"), in.Tables.NewClient("parts"))
		},
	},
	subject{
		name: "missingdelete/cyclewalk",
		world: explore.World{
			Queue: "sites", Messages: []string{
				`{"Name":"shop","Links":["/a"],"Sections":[{"Name":"tea","Links":["/t"]}]}`,
				`{"Name":"blog","Links":["/b"]}`,
			},
			Before: blobs(map[string]string{"maps/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return sitemap.Build(ctx, queueV1(in, "sites"), containerOf(in, "maps"))
		},
	},
	subject{name: "missingdelete/deadletterok", unplayable: onServiceBus},
	subject{
		name: "missingdelete/defaultpoison",
		world: explore.World{
			Queue: "inbox", Messages: []string{`{"kind":"push","body":{"ref":"main"}}`, `{"kind":"star","body":{}}`},
			Before: blobs(map[string]string{"pushes/": "", "releases/": ""}),
			Poison: "inbox-poison",
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			s := webhooks.NewServer(queueV1(in, "inbox"), queueV1(in, "inbox-poison"), in.Storage(), io.NopCloser(nil))
			return s.Run(ctx)
		},
	},
	subject{
		name: "missingdelete/deferflag",
		world: explore.World{
			Queue: "snapshots", Messages: []string{`{"Device":"d-1","Kind":"full","Data":[1]}`, `{"Device":"d-1","Kind":"delta","Data":[2]}`},
			Before: blobs(map[string]string{"deltas/": "", "full/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			snapshots.Run(ctx, in.Queue("snapshots"), in.Storage())
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/deferredok",
		world: explore.World{
			Queue: "meters", Messages: []string{`m-1,5`, `beat`, `m-2,6,7`},
			Before: tables("meters"),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			meters.NewReader(in.Queue("meters"), in.Tables.NewClient("meters")).Loop(ctx)
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/deleteretry",
		world: explore.World{
			Queue: "minutes", Messages: []string{`one`, `two`},
			Before: blobs(map[string]string{"minutes/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			minutes.NewSecretaryOn(in.Queue("minutes"), in.Storage()).Sit(ctx)
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/dropappend",
		world: explore.World{
			Queue: "doors", Messages: []string{
				`{"site":"zrh","day":"monday","door":"north","card":"c-1"}`,
				`{"site":"zrh","day":"monday","door":"south","card":"c-2"}`,
			},
			Before: before(blobs(map[string]string{"logs/": ""}), func(ctx context.Context, in *explore.Instance) error {
				_, err := containerOf(in, "logs").NewAppendBlobClient("zrh/monday.log").Create(ctx, nil)
				return err
			}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return journal.Next(ctx, queueV1(in, "doors"), containerOf(in, "logs"))
		},
	},
	subject{
		name: "missingdelete/dropenqueue",
		world: explore.World{
			Queue: "intake", Messages: []string{`order 1`, `order 2`},
			Before: queues("warehouse"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			relay.Connect(in.Queues).Forward(ctx)
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/earlyreturn",
		world: explore.World{
			Queue: "billing", Messages: []string{`{"number":"i-1","lines":["tea"]}`, `{"number":"i-2","draft":true,"lines":["cake"]}`},
			Before: blobs(map[string]string{"drafts/": "", "invoices/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return invoices.Run(ctx, in.Queue("billing"), in.Storage())
		},
	},
	subject{
		name: "missingdelete/enumallarms",
		world: explore.World{
			Queue: "comments", Messages: []string{`{"Author":"ada","Text":"Lovely."}`, `{"Author":"bob","Text":"Rubbish."}`},
			Before: blobs(map[string]string{"site/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return moderation.Moderate(ctx, in.Queue("comments"), containerOf(in, "site"), []string{"rubbish"})
		},
	},
)

// The first os/signal.Notify starts a goroutine that lives as long as the process: it must
// not stand in the bubble of missingdelete/callersettles.
func init() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	signal.Stop(c)
}
