package agreement

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/idemlint/idemlint/runtime/explore"
	doorpassinfra "github.com/idemlint/idemlint/testdata/handlers/unseen/a02doorpass/infra"
	doorpass "github.com/idemlint/idemlint/testdata/handlers/unseen/a02doorpass/worker"
	pricelist "github.com/idemlint/idemlint/testdata/handlers/unseen/a04pricelist"
	coupon "github.com/idemlint/idemlint/testdata/handlers/unseen/a05coupon"
	banner "github.com/idemlint/idemlint/testdata/handlers/unseen/a06banner"
	telemetry "github.com/idemlint/idemlint/testdata/handlers/unseen/a07telemetry"
	meter "github.com/idemlint/idemlint/testdata/handlers/unseen/a10meter"
	syllabus "github.com/idemlint/idemlint/testdata/handlers/unseen/a11syllabus"
	polls "github.com/idemlint/idemlint/testdata/handlers/unseen/a14polls"
	credit "github.com/idemlint/idemlint/testdata/handlers/unseen/a15credit"
	transcript "github.com/idemlint/idemlint/testdata/handlers/unseen/a16transcript"
	reminder "github.com/idemlint/idemlint/testdata/handlers/unseen/a19reminder"
	pipeline "github.com/idemlint/idemlint/testdata/handlers/unseen/a22pipeline"
	schedule "github.com/idemlint/idemlint/testdata/handlers/unseen/a23schedule"
	usage "github.com/idemlint/idemlint/testdata/handlers/unseen/a24usage"
	quote "github.com/idemlint/idemlint/testdata/handlers/unseen/a25quote"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/a26geocode/geo"
	geostore "github.com/idemlint/idemlint/testdata/handlers/unseen/a26geocode/store"
	geocode "github.com/idemlint/idemlint/testdata/handlers/unseen/a26geocode/worker"
	screening "github.com/idemlint/idemlint/testdata/handlers/unseen/a31screening"
	enrich "github.com/idemlint/idemlint/testdata/handlers/unseen/a32enrich"
)

var _ = add(
	subject{name: "unseen/a01release", unplayable: dialsItself},
	subject{
		name: "unseen/a02doorpass",
		world: explore.World{
			Queue: "visits", Messages: []string{`{"id":"v-1","visitor":"ida","host":"bob","doors":["north","lab"]}`},
			Before: tables("grants"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return doorpass.New(in.Queue("visits"), doorpassinfra.NewGrantTable(in.Tables.NewClient("grants"))).Run(ctx)
		},
	},
	subject{name: "unseen/a03parcel", unplayable: onServiceBus},
	subject{
		name: "unseen/a04pricelist",
		world: explore.World{
			Queue: "changes", Messages: []string{`{"tenant":"t-1","sku":"mug"}`, `{"tenant":"t-1","sku":"tea"}`},
			Before: before(blobs(map[string]string{"pricelists/": ""}), rows(map[string]string{
				"prices/t-1/mug": `{"Name":"Mug","Price":9.5}`,
				"prices/t-1/tea": `{"Name":"Tea","Price":4.5}`,
			})),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			// The price of tea changes when the first list is out: hence the second message.
			dearer := `{"PartitionKey":"t-1","RowKey":"tea","Name":"Tea","Price":5.5}`
			lists := blobsVia(in, watched(in, upserts(in, "pricelists", "t-1/prices.csv", "prices", dearer)))
			return pricelist.New(pricelist.Config{Workers: 1}, in.Queue("changes"), in.Tables.NewClient("prices"), lists).Run(ctx)
		},
	},
	subject{
		name: "unseen/a05coupon",
		world: explore.World{
			Queue: "purchases", Messages: []string{`{"order":"o-1","customer":"ida","percent":10}`, `{"order":"o-2","customer":"bob","percent":20}`},
			Before: blobs(map[string]string{"coupons/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return coupon.NewIssuer(queueV1(in, "purchases"), in.Storage()).Run(ctx)
		},
	},
	subject{
		name: "unseen/a06banner",
		world: explore.World{
			Queue: "banners", Messages: []string{
				`<banner revision="2"><title>Sale</title><link>/sale</link></banner>`,
				`<banner revision="3"><title>Closed</title><link>/closed</link></banner>`,
			},
			Before: blobs(map[string]string{"www/site/banner.xml": `<banner revision="1"><title>Open</title><link>/</link></banner>`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return banner.New(in.Queue("banners"), containerOf(in, "www").NewBlockBlobClient("site/banner.xml")).Run(ctx)
		},
	},
	subject{
		name: "unseen/a07telemetry",
		world: explore.World{
			Queue: "readings", Messages: []string{
				`{"device":"d-1","takenAt":"2026-05-01T00:00:00Z","values":{"c":17.5}}`,
				`{"device":"d-1","takenAt":"1990-05-01T00:00:00Z","values":{"c":3}}`,
			},
			Before: tables("readings"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return telemetry.New(in.Queue("readings"), in.Tables.NewClient("readings"), noLog{}).Run(ctx)
		},
	},
	subject{name: "unseen/a08badge", unplayable: onServiceBus},
	subject{name: "unseen/a09loyalty", unplayable: onCosmos},
	subject{
		name: "unseen/a10meter",
		world: explore.World{
			Queue: "readings", Messages: []string{"m-1;1;100", "m-1;2;50"},
			Before: rows(map[string]string{
				"totals/meter/m-1": `{"WattHours":"0","WattHours@odata.type":"Edm.Int64","LastSequence":"0","LastSequence@odata.type":"Edm.Int64"}`,
			}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return meter.New(queueV1Via(in, "readings", oneEach(in)), in.Tables.NewClient("totals")).Once(ctx)
		},
	},
	subject{
		name: "unseen/a11syllabus",
		world: explore.World{
			Queue: "edits", Messages: []string{
				`{"course":"go","op":"set","lesson":{"id":"l-1","title":"Maps","hours":2}}`,
				`{"course":"go","op":"set","lesson":{"id":"l-2","title":"Channels","hours":3}}`,
			},
			Before: blobs(map[string]string{"school/courses/go.json": `{"code":"go","lessons":[]}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := syllabus.NewEditor(queueV1(in, "edits"), containerOf(in, "school"), slog.Default()).Step(ctx)
			return err
		},
	},
	subject{name: "unseen/a12stockroom", unplayable: onServiceBus},
	subject{name: "unseen/a13seats", unplayable: onServiceBus},
	subject{
		name: "unseen/a14polls",
		world: explore.World{
			Queue: "votes", Messages: []string{`{"poll":"p-1","voter":"ida","choice":"tea"}`, `{"poll":"p-1","voter":"bob","choice":"tea"}`},
			Before: blobs(map[string]string{"tallies/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return polls.NewCounter(queueVia(in, "votes", oneEach(in)), containerOf(in, "tallies")).Drain(ctx)
		},
	},
	subject{
		name: "unseen/a15credit",
		world: explore.World{
			Queue: "payments", Messages: []string{`{"id":"p-1","customer":"ida","cents":100}`, `{"id":"p-2","customer":"ida","cents":20}`},
			Before: rows(map[string]string{"book/ida/account": `{"Cents":"3","Cents@odata.type":"Edm.Int64"}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := credit.NewBookkeeper(credit.Config{}, queueV1Via(in, "payments", oneEach(in)), in.Tables.NewClient("book")).Batch(ctx)
			return err
		},
	},
	subject{
		name: "unseen/a16transcript",
		world: explore.World{
			Queue: "calls", Messages: []string{"c-1", "c-2"},
			Before: blobs(map[string]string{"calls/inbox/c-1.txt": "hello\nmy card is 4111 1111 1111 1111\n", "calls/inbox/c-2.txt": "goodbye"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return transcript.NewCleaner(queueV1(in, "calls"), in.Storage()).Run(ctx)
		},
	},
	subject{name: "unseen/a17refund", unplayable: dialsItself},
	subject{name: "unseen/a18letters", unplayable: onServiceBus},
	subject{
		name: "unseen/a19reminder",
		world: explore.World{
			Queue: "reminders", Messages: []string{base64Of(`{"phone":"+4912","text":"tomorrow at nine","at":"2000-01-02T09:00:00Z"}`)},
			Outside: answers(http.StatusAccepted),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return reminder.NewConsumer(queueV1(in, "reminders"), "https://gateway.example", "token").Run(outside(ctx, in, always(0)))
		},
	},
	subject{name: "unseen/a20contract", unplayable: onServiceBus},
	subject{name: "unseen/a21intake", unplayable: onServiceBus},
	subject{
		name: "unseen/a22pipeline",
		world: explore.World{
			Queue: "addresses", Poison: "addresses-poison", Messages: []string{
				`{"customer":"ida","from":"2000-01-01","street":"Main St 1","city":"Bern"}`,
				"no address",
			},
			Before: tables("addresses"),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return pipeline.Serve(ctx, in.Queue("addresses"), in.Queue("addresses-poison"), in.Tables.NewClient("addresses"), slog.Default())
		},
	},
	subject{
		name: "unseen/a23schedule",
		world: explore.World{
			Queue: "jobs", Messages: []string{
				`{"id":"j-1","runAt":"1999-12-31T00:00:00Z","payload":{"n":1}}`,
				`{"id":"j-2","runAt":"2000-01-01T00:10:00Z","payload":{"n":2}}`,
			},
			Before: blobs(map[string]string{"jobs/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			(&schedule.Scheduler{Queue: in.Queue("jobs"), Blobs: in.Storage(), Container: "jobs", Tick: time.Second}).Run(ctx)
			return nil
		},
	},
	subject{
		name: "unseen/a24usage",
		world: explore.World{
			Queue: "records", Messages: []string{ // tenant, meter, start, quantity
				"00000001" + "00000002" + "0000000000000003" + "0000000000000004",
				"00000001" + "00000002" + "0000000000000005" + "0000000000000006",
			},
			Before: tables("usage"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return usage.NewSink(queueV1(in, "records"), in.Tables.NewClient("usage")).Run(ctx)
		},
	},
	subject{
		name: "unseen/a25quote",
		world: explore.World{
			Queue: "applications", Messages: []string{`{"id":"a-1","insurer":"allsafe","form":{"age":40}}`},
			Before: blobs(map[string]string{"quotes/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			cfg := quote.ConfigFromEnv() // the defaults
			cfg.Upstream = "https://quotes.example"
			return quote.NewFetcher(cfg, in.Queue("applications"), in.Storage()).Run(outside(ctx, in, failing(cfg.RequestTimeout, 5)))
		},
	},
	subject{
		name:  "unseen/a26geocode",
		world: explore.World{Queue: "addresses", Messages: []string{`{"id":"c-1","address":"Main St 1"}`}, Before: tables("places")},
		handler: func(ctx context.Context, in *explore.Instance) error {
			places := &geostore.Places{Table: in.Tables.NewClient("places")}
			return geocode.New(queueV1(in, "addresses"), places, geo.NewClient("https://geo.example")).Run(outside(ctx, in, always(3*time.Minute)))
		},
	},
	subject{name: "unseen/a27transcode", unplayable: startsProcess},
	subject{name: "unseen/a28claims", unplayable: onServiceBus},
	subject{name: "unseen/a29render", unplayable: startsProcess},
	subject{name: "unseen/a30imports", unplayable: onServiceBus},
	subject{
		name: "unseen/a31screening",
		world: explore.World{
			Queue: "parties", Messages: []string{`{"id":"p-1","name":"Ida"}`, `{"id":"p-2","name":"Bob"}`},
			Before: tables("results"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			lists := &url.URL{Scheme: "https", Host: "lists.example"}
			return screening.NewPool(2, in.Queue("parties"), in.Tables.NewClient("results"), lists).Run(outside(ctx, in, always(19*time.Second)))
		},
	},
	subject{
		name: "unseen/a32enrich",
		world: explore.World{
			Queue: "companies", Messages: []string{ // a whole batch
				`{"number":"1","country":"CH"}`, `{"number":"2","country":"CH"}`, `{"number":"3","country":"CH"}`, `{"number":"4","country":"CH"}`,
				`{"number":"5","country":"DE"}`, `{"number":"6","country":"DE"}`, `{"number":"7","country":"DE"}`, `{"number":"8","country":"DE"}`,
			},
			Before: blobs(map[string]string{"profiles/": ""}),
			Limits: explore.Limits{Faults: 1},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return enrich.New(in.Queue("companies"), in.Storage(), "https://registry.example").Run(outside(ctx, in, always(29*time.Second)))
		},
	},
)
