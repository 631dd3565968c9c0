package agreement

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
	rates "github.com/idemlint/idemlint/testdata/handlers/unseen/b01latestalias/rates"
	ordercsv "github.com/idemlint/idemlint/testdata/handlers/unseen/b03ordercsv"
	scanlabels "github.com/idemlint/idemlint/testdata/handlers/unseen/b04scanlabels"
	staledoc "github.com/idemlint/idemlint/testdata/handlers/unseen/b05staledoc"
	skipped "github.com/idemlint/idemlint/testdata/handlers/unseen/b07skipped"
	nextstage "github.com/idemlint/idemlint/testdata/handlers/unseen/b09nextstage"
	leaseunits "github.com/idemlint/idemlint/testdata/handlers/unseen/b10leaseunits"
	backoffsum "github.com/idemlint/idemlint/testdata/handlers/unseen/b11backoffsum"
	thumbsizes "github.com/idemlint/idemlint/testdata/handlers/unseen/b13thumbsizes"
	jobtrail "github.com/idemlint/idemlint/testdata/handlers/unseen/b14jobtrail"
	heartblob "github.com/idemlint/idemlint/testdata/handlers/unseen/b17heartblob"
	wiki "github.com/idemlint/idemlint/testdata/handlers/unseen/b18wiki/worker"
	upsertcond "github.com/idemlint/idemlint/testdata/handlers/unseen/b19upsertcond"
	putoptions "github.com/idemlint/idemlint/testdata/handlers/unseen/b22putoptions/worker"
	nilpointers "github.com/idemlint/idemlint/testdata/handlers/unseen/b23nilpointers"
	invoices "github.com/idemlint/idemlint/testdata/handlers/unseen/b24middleack/invoices"
	backendazure "github.com/idemlint/idemlint/testdata/handlers/unseen/b26backends/azure"
	backendintake "github.com/idemlint/idemlint/testdata/handlers/unseen/b26backends/intake"
	drainpool "github.com/idemlint/idemlint/testdata/handlers/unseen/b27drainpool"
	quietnights "github.com/idemlint/idemlint/testdata/handlers/unseen/b31quietnights"
	batchlease "github.com/idemlint/idemlint/testdata/handlers/unseen/b32batchlease"
)

var trailError = regexp.MustCompile(`Error=[^,]*, `)

var _ = add(
	subject{
		name: "unseen/b01latestalias",
		world: explore.World{
			Queue: "fixings", Messages: []string{
				`{"id":"f-1","base":"CHF","rates":{"EUR":0.95}}`,
				`{"id":"f-2","base":"CHF","rates":{"EUR":0.96}}`,
			},
			Before: blobs(map[string]string{"rates/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			cfg := rates.Config{Container: "rates", Alias: "latest.json"}
			return rates.New(cfg, queueVia(in, "fixings", oneEach(in)), in.Storage(), slog.Default()).Run(ctx)
		},
	},
	subject{name: "unseen/b02seathold", unplayable: onServiceBus},
	subject{
		name: "unseen/b03ordercsv",
		world: explore.World{
			Queue: "requests", Messages: []string{"o-1"},
			Before: before(blobs(map[string]string{"exports/": ""}), rows(map[string]string{
				"lines/o-1/1": `{"Article":"mug","Quantity":2,"Cents":950}`,
			})),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			// A line is added to the order after its first export.
			added := `{"PartitionKey":"o-1","RowKey":"2","Article":"tea","Quantity":1,"Cents":450}`
			out := clients(in, watched(in, upserts(in, "exports", "o-1.csv", "lines", added))).Blobs.NewContainerClient("exports")
			(&ordercsv.Exporter{Requests: queueV1(in, "requests"), Lines: in.Tables.NewClient("lines"), Out: out}).Run(ctx)
			return nil
		},
	},
	subject{
		name: "unseen/b04scanlabels",
		world: explore.World{
			Queue: "findings", Messages: []string{`{"file":"a.pdf","labels":["clean"]}`, `{"file":"a.pdf","labels":["invoice"]}`},
			Before: blobs(map[string]string{"files/a.pdf": "a file"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			scanlabels.Start(ctx, in.Storage(), queueV1Via(in, "findings", oneEach(in)), "files")
			return nil
		},
	},
	subject{
		name: "unseen/b05staledoc",
		world: explore.World{
			Queue: "remarks", Messages: []string{`{"playbook":"p-1","text":"first"}`, `{"playbook":"p-1","text":"second"}`},
			Before: blobs(map[string]string{"playbooks/p-1.json": `{"title":"Fire"}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return staledoc.Drain(ctx, in.Queue("remarks"), containerOf(in, "playbooks"))
		},
	},
	subject{name: "unseen/b06accounts", unplayable: onServiceBus},
	subject{
		name: "unseen/b07skipped",
		world: explore.World{
			Queue: "notes", Poison: "bad", Messages: []string{`{"number":"n-1","page":{"text":"two boxes"}}`},
			Before: before(blobs(map[string]string{"notes/": ""}), tables("marks")),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			skipped.New(in.Queue("notes"), in.Queue("bad"), in.Storage(), in.Tables.NewClient("marks")).Run(ctx)
			return nil
		},
	},
	subject{name: "unseen/b08dupstamp", unplayable: onServiceBus},
	subject{
		name: "unseen/b09nextstage",
		world: explore.World{
			Queue: "parcels", Messages: []string{`{"number":"p-1","grams":100,"depot":"north"}`},
			Before: queues("sorter-north"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return nextstage.Run(ctx, in.Queue("parcels"), map[string]*azqueue.QueueClient{"north": in.Queue("sorter-north")})
		},
	},
	subject{
		name: "unseen/b10leaseunits",
		world: explore.World{
			Queue: "statements", Messages: []string{"<statement/>"},
			Before: blobs(map[string]string{"statements/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			p := &leaseunits.Printer{Service: "https://print.example", HTTP: new(http.Client), Out: in.Storage()}
			p.Run(outside(ctx, in, always(4*time.Minute)), in.Queue("statements"))
			return nil
		},
	},
	subject{
		name:  "unseen/b11backoffsum",
		world: explore.World{Queue: "addresses", Messages: []string{"Main St 1"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			registry := &url.URL{Scheme: "https", Host: "registry.example"}
			backoffsum.NewRegistrar(registry, queueV1(in, "addresses")).Run(outside(ctx, in, failing(2*time.Second, 5)))
			return nil
		},
	},
	subject{name: "unseen/b12slowbeat", unplayable: startsProcess},
	subject{
		name: "unseen/b13thumbsizes",
		world: explore.World{
			Queue: "uploads", Messages: []string{`{"subject":"/blobServices/default/containers/pictures/blobs/a.jpg"}`},
			Before: blobs(map[string]string{"pictures/a.jpg": jpegPicture(), "thumbnails/": ""}),
			Limits: explore.Limits{Faults: 1}, // a picture takes a while
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			(&thumbsizes.Resizer{Queue: in.Queue("uploads"), Blobs: in.Storage()}).Run(ctx)
			return nil
		},
	},
	subject{
		name: "unseen/b14jobtrail",
		differs: "zombie, not built yet: a worker whose attempt failed and whose lease is over writes \"failed\" " +
			"over the \"done\" of the one that came after it",
		world: explore.World{
			Queue: "jobs", Messages: []string{`{"kind":"sum","args":{"a":1,"b":2}}`, `{"kind":"sum","args":{"a":5}}`},
			Before: before(tables("trail"), blobs(map[string]string{"jobs/": ""})),
			// What an earlier attempt has failed of stays in the row, for whoever looks.
			Mask: func(_, value string) string { return trailError.ReplaceAllString(value, "") },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			jobtrail.Run(ctx, queueV1(in, "jobs"), in.Tables.NewClient("trail"), containerOf(in, "jobs"))
			return nil
		},
	},
	subject{name: "unseen/b15pinnedcode", unplayable: onServiceBus},
	subject{name: "unseen/b16grants", unplayable: onServiceBus},
	subject{
		name: "unseen/b17heartblob",
		world: explore.World{
			Queue: "readings", Messages: []string{`{"c":17.5}`, `{"c":3}`},
			Before: blobs(map[string]string{"readings/": ""}),
			// The worker's own, which it writes all the time: no message has anything to do with it.
			Ignore: func(name string) bool { return name == "blob readings/status.json" },
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&heartblob.Daemon{Blobs: in.Storage(), Queue: queueV1(in, "readings")}).Run(ctx)
		},
	},
	subject{
		name: "unseen/b18wiki",
		world: explore.World{
			Queue: "links", Messages: []string{`{"From":"ida","To":"home"}`, `{"From":"bob","To":"home"}`},
			Before: blobs(map[string]string{"pages/home.json": `{"title":"Home","links":[]}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			wiki.NewLinker(in.Queue("links"), containerOf(in, "pages")).Run(ctx)
			return nil
		},
	},
	subject{
		name: "unseen/b19upsertcond",
		world: explore.World{
			Queue: "ballots", Messages: []string{`{"District":"d-1","Choice":"tea"}`, `{"District":"d-1","Choice":"tea"}`},
			Before: blobs(map[string]string{"districts/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			(&upsertcond.Counter{Ballots: queueV1Via(in, "ballots", oneEach(in)), Districts: containerOf(in, "districts")}).Run(ctx)
			return nil
		},
	},
	subject{name: "unseen/b20cancelbatch", unplayable: onServiceBus},
	subject{name: "unseen/b21patchcond", unplayable: onCosmos},
	subject{
		name: "unseen/b22putoptions",
		world: explore.World{
			Queue: "entries", Messages: []string{
				`{"Language":"de","Term":"queue","Meaning":"Schlange"}`,
				`{"Language":"de","Term":"lease","Meaning":"Pacht"}`,
			},
			Before: blobs(map[string]string{"glossaries/de/glossary.json": "{}"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return putoptions.New(in.Queue("entries"), in.Storage()).Run(ctx)
		},
	},
	subject{
		name: "unseen/b23nilpointers",
		world: explore.World{
			Queue: "lists", Poison: "poison", Messages: []string{
				base64Of(`{"supplier":"s-1","number":"7","csv":"mug,950\ntea,450"}`),
				"no list",
			},
			Before: blobs(map[string]string{"prices/": ""}),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&nilpointers.Importer{Queue: queueV1(in, "lists"), Poison: queueV1(in, "poison"), Blobs: in.Storage()}).Poll(ctx)
		},
	},
	subject{
		name: "unseen/b24middleack",
		world: explore.World{
			Queue: "invoices", Poison: "dead", Messages: []string{
				`{"tenant":"t-1","number":"i-1","xml":"<invoice/>"}`,
				`{"tenant":"t-1","draft":true,"xml":"<draft/>"}`,
				`{"tenant":"t-2","number":"i-1","xml":"<other/>"}`,
				"no invoice",
			},
			Before: blobs(map[string]string{"invoices/": "", "drafts/": ""}),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return invoices.Serve(ctx, in.Queue("invoices"), in.Queue("dead"), in.Storage(), "t-1")
		},
	},
	subject{name: "unseen/b25verdict", unplayable: onServiceBus},
	subject{
		name: "unseen/b26backends",
		world: explore.World{
			Queue: "applications", Messages: []string{
				`{"name":"Ida","position":"baker"}`,
				`{"name":"Bob","position":"baker","withdrawn":"yes"}`,
			},
			Before: blobs(map[string]string{"applications/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			archive := &backendazure.Archive{Client: in.Storage(), Container: "applications"}
			return backendintake.New(&backendazure.Queue{Client: in.Queue("applications")}, archive).Run(ctx)
		},
	},
	subject{
		name: "unseen/b27drainpool",
		world: explore.World{
			Queue: "alarms", Messages: []string{`{"site":"s-1","level":2,"text":"smoke"}`, `{"site":"s-1","level":0,"text":"test"}`},
			Before: tables("alarms"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&drainpool.Pool{Queue: queueV1(in, "alarms"), Alarms: in.Tables.NewClient("alarms"), Workers: 2}).Run(ctx)
		},
	},
	subject{name: "unseen/b28leasemath", unplayable: startsProcess},
	subject{name: "unseen/b29lockdeadline", unplayable: onServiceBus},
	subject{name: "unseen/b30halflife", unplayable: onServiceBus},
	subject{
		name: "unseen/b31quietnights",
		world: explore.World{
			Queue: "readings", Messages: []string{
				`{"meter":"m-1","at":"2026-01-01T00:00:00Z","value":1.5}`,
				`{"meter":"m-1","at":"2026-01-01T01:00:00Z","value":2.5}`,
			},
			Before: before(blobs(map[string]string{"raw/": ""}), tables("readings")),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return quietnights.New(in.Queue("readings"), in.Storage(), in.Tables.NewClient("readings")).Run(ctx)
		},
	},
	subject{
		name: "unseen/b32batchlease",
		world: explore.World{
			// A whole batch.
			Queue: "reviews", Messages: []string{"good", "bad", "so so", "fine", "never", "again", "yes", "no"},
			Before: blobs(map[string]string{"results/": ""}),
			Limits: explore.Limits{Faults: 1},
			// A check is a question: nobody is worse off if it is asked twice.
			Ignore: func(name string) bool { return name == "POST https://check.example/check" },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			c := batchlease.With(queueV1(in, "reviews"), containerOf(in, "results"), "https://check.example", new(http.Client))
			return c.Run(outside(ctx, in, always(19*time.Second)))
		},
	},
)
