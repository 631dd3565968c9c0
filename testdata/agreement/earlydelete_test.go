package agreement

import (
	"context"
	"log/slog"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/ackfirst"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/bell"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/capfirst"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/carrier"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/claimbatch"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/deferflush"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/donefunc"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/gofire"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/halfway"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/handoff"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/kinds"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/lagging"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/metricsafter"
)

var _ = add(
	subject{
		name: "earlydelete/ackfirst",
		world: explore.World{
			Queue: "badges", Messages: []string{`{"badge":"b-77","door":"north","seq":41}`, `{"badge":"b-77","door":"south","seq":42}`},
			Before: tables("events"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return ackfirst.Consume(ctx, queueV1(in, "badges"), in.Tables.NewClient("events"))
		},
	},
	subject{
		name: "earlydelete/bell",
		world: explore.World{
			Queue: "jobs", Messages: []string{`{"job":"j-3","text":"abc"}`, `{"job":"j-4","text":"def"}`},
			Before: before(blobs(map[string]string{"jobs/": ""}), queues("rings"), func(ctx context.Context, in *explore.Instance) error {
				_, err := in.Queue("rings").EnqueueMessage(ctx, "ring", nil)
				return err
			}),
			// A ring that is left rings once more, over an empty queue of jobs.
			Ignore: func(name string) bool { return name == "message in rings" },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&bell.Shop{Rings: in.Queue("rings"), Jobs: in.Queue("jobs"), Blobs: in.Storage()}).Tend(ctx)
		},
	},
	subject{name: "earlydelete/busfirst", unplayable: onServiceBus},
	subject{name: "earlydelete/busforward", unplayable: onServiceBus},
	subject{name: "earlydelete/busgauge", unplayable: onServiceBus},
	subject{name: "earlydelete/busmode", unplayable: onServiceBus},
	subject{name: "earlydelete/busmodehelper", unplayable: onServiceBus},
	subject{name: "earlydelete/busnamed", unplayable: onServiceBus},
	subject{name: "earlydelete/busparallel", unplayable: onServiceBus},
	subject{
		name: "earlydelete/capfirst",
		world: explore.World{
			// The second fails at each delivery and is parked at the fifth.
			Queue: "forms", Messages: []string{`{"form":"tx-19","taxpayer":"tp-2"}`, "no form"},
			Before: before(tables("parked"), blobs(map[string]string{"forms/": ""})),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			o := &capfirst.Office{Forms: queueV1(in, "forms"), Files: in.Storage(), Parked: in.Tables.NewClient("parked")}
			return o.File(ctx)
		},
	},
	subject{
		name: "earlydelete/carrier",
		world: explore.World{
			Queue: "parcels", Messages: []string{`{"parcel":"p-17","grams":1200,"to":"Bern"}`, `{"parcel":"p-18","grams":80,"to":"Basel"}`},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&carrier.Dispatcher{Parcels: in.Queue("parcels"), HTTP: in.HTTP(), Carrier: "https://carrier.example"}).Next(ctx)
		},
	},
	subject{
		name: "earlydelete/claimbatch",
		world: explore.World{
			Queue: "notes", Messages: []string{`{"note":"n-15","words":["hello","world"]}`, `{"note":"n-16","words":["bye"]}`},
			Before: blobs(map[string]string{"texts/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := (&claimbatch.Transcriber{Notes: in.Queue("notes"), Texts: containerOf(in, "texts")}).Batch(ctx)
			return err
		},
	},
	subject{
		name:    "earlydelete/deferflush",
		differs: "known miss: the rows stand in a slice until a deferred flush writes them after the delete",
		world: explore.World{
			// One price each: more would be written in the random order of a map.
			Queue: "lists", Messages: []string{`{"list":"spring","prices":{"tea":300}}`, `{"list":"autumn","prices":{"cake":450}}`},
			Before: tables("prices"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&deferflush.Importer{Lists: in.Queue("lists"), Prices: in.Tables.NewClient("prices")}).Import(ctx)
		},
	},
	subject{
		name: "earlydelete/donefunc",
		world: explore.World{
			Queue: "photos", Messages: []string{`{"photo":"ph-3","tags":["sea","sun"]}`, `{"photo":"ph-4","tags":["snow"]}`},
			Before: blobs(map[string]string{"tags/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&donefunc.Tagger{Photos: in.Queue("photos"), Tags: containerOf(in, "tags")}).Tag(ctx)
		},
	},
	subject{
		name: "earlydelete/gofire",
		world: explore.World{
			Queue: "meters", Messages: []string{`{"meter":"m-3","day":"2024-05-01","kwh":12}`, `{"meter":"m-4","day":"2024-05-01","kwh":7}`},
			Before: tables("readings"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			c := &gofire.Collector{Queue: in.Queue("meters"), Readings: in.Tables.NewClient("readings"), Log: slog.Default()}
			return c.Collect(ctx)
		},
	},
	subject{
		name: "earlydelete/halfway",
		world: explore.World{
			Queue: "invoices", Messages: []string{
				`{"invoice":"inv-31","customer":"cu-4","cents":9900}`, `{"invoice":"inv-32","customer":"cu-5","cents":100}`,
			},
			Before: blobs(map[string]string{"documents/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			i := &halfway.Issuer{
				Queue: in.Queue("invoices"), Documents: containerOf(in, "documents"),
				HTTP: in.HTTP(), Ledger: "https://ledger.example",
			}
			return i.IssueOne(ctx)
		},
	},
	subject{
		name: "earlydelete/handoff",
		world: explore.World{
			Queue: "signed", Messages: []string{`{"contract":"c-9","signature":"ab12"}`, `{"contract":"c-10","signature":"cd34"}`},
			Before: blobs(map[string]string{"contracts/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return handoff.NewPool(ctx, in.Queue("signed"), in.Storage(), 2).Receive(ctx)
		},
	},
	subject{
		name: "earlydelete/kinds",
		world: explore.World{
			Queue: "commands", Messages: []string{
				`{"kind":"reindex","index":"books","body":"{}"}`, `{"kind":"put","index":"books","body":"{}"}`, `{"kind":"alias","index":"books","body":"b"}`,
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&kinds.Indexer{Commands: in.Queue("commands"), HTTP: in.HTTP(), Search: "https://search.example"}).Execute(ctx)
		},
	},
	subject{
		name: "earlydelete/lagging",
		world: explore.World{
			Queue: "offsets", Messages: []string{`{"sensor":"se-40","offset":3}`, `{"sensor":"se-41","offset":-1}`},
			Before: blobs(map[string]string{"calibrations/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return lagging.Calibrate(ctx, queueV1(in, "offsets"), in.Storage())
		},
	},
	subject{
		name: "earlydelete/metricsafter",
		world: explore.World{
			Queue: "observations", Messages: []string{
				`{"station":"st-2","hour":"2024-05-01T10","celsius":17}`, `{"station":"st-2","hour":"2024-05-01T11","celsius":18}`,
			},
			Before: tables("weather"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&metricsafter.Observatory{Queue: in.Queue("observations"), Table: in.Tables.NewClient("weather")}).Store(ctx)
		},
	},
)
