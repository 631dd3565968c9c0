package agreement

import (
	"context"
	"log/slog"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/runtime/storage"
	"github.com/idemlint/idemlint/runtime/storage/table"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/apikeys"
	apikeysonce "github.com/idemlint/idemlint/testdata/handlers/blobwrite/apikeysonce"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/archive"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/audit"
	boardbyid "github.com/idemlint/idemlint/testdata/handlers/blobwrite/boardbyid"
	cachecontrol "github.com/idemlint/idemlint/testdata/handlers/blobwrite/cachecontrol"
	climate "github.com/idemlint/idemlint/testdata/handlers/blobwrite/climate/domain"
	climatestore "github.com/idemlint/idemlint/testdata/handlers/blobwrite/climate/infra"
	climateworker "github.com/idemlint/idemlint/testdata/handlers/blobwrite/climate/worker"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/digest"
	digestonce "github.com/idemlint/idemlint/testdata/handlers/blobwrite/digestonce"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/export"
	featureflags "github.com/idemlint/idemlint/testdata/handlers/blobwrite/featureflags"
	firmware "github.com/idemlint/idemlint/testdata/handlers/blobwrite/firmware/worker"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/firmwarebuild/builder"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/geoindex"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/invoice"
	invoicepinned "github.com/idemlint/idemlint/testdata/handlers/blobwrite/invoicepinned"
)

// cell reads a value of a row, for World.Reader.
func cell(name, partition, row, property string) func(explore.State) []string {
	return func(s explore.State) []string {
		value, _ := s.Tables[name][table.Key{Partition: partition, Row: row}].Properties[property].(string)
		return []string{value}
	}
}

// Where several messages share a key there are two of them, so that an old one can come
// after a newer one. Where a write takes its content from the store, the content there
// changes as soon as the write is done.
var _ = add(
	subject{
		name: "blobwrite/apikeys",
		world: explore.World{
			Queue: "orders", Messages: []string{`{"number":"o-1","customer":"c-1","scope":"read"}`},
			Before: tables("keys"),
			Reader: cell("keys", "c-1", "o-1", "Key"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return apikeys.With(in.Queue("orders"), in.Tables.NewClient("keys"), 16).Next(ctx)
		},
	},
	subject{
		name: "blobwrite/apikeysonce",
		world: explore.World{
			Queue: "orders", Messages: []string{`{"number":"o-1","customer":"c-1"}`},
			Before: tables("keys"),
			Reader: cell("keys", "c-1", "o-1", "Key"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := apikeysonce.IssueAll(ctx, in.Queue("orders"), in.Tables.NewClient("keys"))
			return err
		},
	},
	subject{
		name: "blobwrite/archive",
		world: explore.World{
			Queue: "recorded",
			Messages: []string{
				`{"name":"a","recorded":"2026-03-01T10:00:00Z","keepDays":30,"codec":"mpeg"}`,
				`{"name":"b","recorded":"2026-03-02T10:00:00Z","keepDays":60,"codec":"ogg"}`,
			},
			Before: blobs(map[string]string{"recordings/a": "one", "recordings/b": "two"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return archive.New(queueV1(in, "recorded"), in.Storage()).Run(ctx)
		},
	},
	subject{
		name: "blobwrite/audit",
		world: explore.World{
			Queue: "records", Messages: []string{"login ida", "logout ida"},
			Before: blobs(map[string]string{"logs/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return audit.File(ctx, in.Queue("records"), containerOf(in, "logs"))
		},
	},
	subject{
		name: "blobwrite/boardbyid",
		world: explore.World{
			Queue:    "boards",
			Messages: []string{`{"match":"m-1","names":["Ida"]}`, `{"match":"m-1","final":true,"names":["Tom"]}`},
			Before:   blobs(map[string]string{"games/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return boardbyid.Publish(ctx, queueV1(in, "boards"), in.Storage())
		},
	},
	subject{
		name: "blobwrite/cachecontrol",
		world: explore.World{
			Queue: "offers", Messages: []string{`{"page":"offer.html","ends":"2000-01-02T00:00:00Z"}`},
			Before: blobs(map[string]string{"pages/offer.html": "ten mugs"}),
			Reader: func(s explore.State) []string { return []string{s.Blobs["pages"]["offer.html"].CacheControl} },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return cachecontrol.Consume(ctx, in.Queue("offers"), containerOf(in, "pages"))
		},
	},
	subject{
		name: "blobwrite/climate",
		world: explore.World{
			Queue: "measurements",
			Messages: []string{
				`{"station":"s-1","taken":"2026-03-01T10:00:00Z","celsius":3.5}`,
				`{"station":"s-1","taken":"2026-03-01T11:00:00Z","celsius":4}`,
			},
			Before: blobs(map[string]string{"archive/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			sink := climate.Archivist{Archive: climatestore.BlobArchive{Container: containerOf(in, "archive")}}
			_, err := climateworker.Drain(ctx, in.Queue("measurements"), sink)
			return err
		},
	},
	subject{
		name: "blobwrite/digest",
		world: explore.World{
			Queue: "digests", Messages: []string{"2026-03-01"},
			Before: before(
				rows(map[string]string{"articles/2026-03-01/a": `{"Title":"Mugs"}`, "articles/2026-03-01/b": `{"Title":"Tea"}`}),
				blobs(map[string]string{"digests/": ""}),
			),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			// Somebody writes a third article once the digest is out.
			via := watched(in, func(direct storage.Clients) {
				if _, out := in.Account.Blobs.Snapshot()["digests"]["2026-03-01.html"]; !out {
					return
				}
				late := []byte(`{"PartitionKey":"2026-03-01","RowKey":"c","Title":"Late"}`)
				if _, err := direct.Tables.NewClient("articles").UpsertEntity(context.Background(), late, nil); err != nil {
					panic(err)
				}
			})
			r := &digest.Renderer{Articles: in.Tables.NewClient("articles"), Blobs: clients(in, via).Blobs, Orders: in.Queue("digests")}
			return r.RenderBatch(ctx)
		},
	},
	subject{
		name: "blobwrite/digestonce",
		world: explore.World{
			Queue: "digests", Messages: []string{"2026-03-01"},
			Before: blobs(map[string]string{"site/articles/2026-03-01/a": "Mugs", "site/articles/2026-03-01/b": "Tea"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			via := changes(in, "site", "digests/2026-03-01.txt", "articles/2026-03-01/c", "Late")
			s := &digestonce.Service{Site: clients(in, via).Blobs.NewContainerClient("site"), Queue: in.Queue("digests")}
			return s.Do(ctx)
		},
	},
	subject{
		name: "blobwrite/export",
		world: explore.World{
			Queue: "exports", Messages: []string{`{"id":"x-1","rows":[["a","1"],["b","2"]]}`, `{"id":"x-2","rows":[["c","3"]]}`},
			Before: blobs(map[string]string{"exports/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&export.Exporter{Requests: in.Queue("exports"), Account: in.Blobs}).Handle(ctx)
		},
	},
	subject{
		name: "blobwrite/featureflags",
		world: explore.World{
			Queue: "changes", Messages: []string{`{"revision":1,"on":{"dark":true}}`, `{"revision":2,"on":{"dark":false}}`},
			Before: tables("settings"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return featureflags.Publish(ctx, in.Queue("changes"), in.Tables.NewClient("settings"))
		},
	},
	subject{
		name: "blobwrite/firmware",
		world: explore.World{
			Queue: "promotions", Messages: []string{"cmVsZWFzZSAx", "cmVsZWFzZSAy"}, // release 1, release 2
			Before: blobs(map[string]string{"releases/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := (&firmware.Promoter{Promotions: in.Queue("promotions"), Releases: containerOf(in, "releases")}).Promote(ctx)
			return err
		},
	},
	subject{
		name: "blobwrite/firmwarebuild",
		world: explore.World{
			Queue: "images", Messages: []string{"aW1hZ2UgMQ==", "aW1hZ2UgMg=="}, // image 1, image 2
			Before: blobs(map[string]string{"images/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&builder.Builder{Account: in.Blobs, Images: in.Queue("images")}).Step(ctx)
		},
	},
	subject{
		name: "blobwrite/geoindex",
		world: explore.World{
			Queue: "regions", Messages: []string{`{"kind":"lake","points":[[1,2]]}`, `{"kind":"wood","points":[[3,4]]}`},
			Before: blobs(map[string]string{"maps/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return geoindex.Serve(ctx, in.Queue("regions"), in.Storage(), slog.Default())
		},
	},
	subject{
		name: "blobwrite/invoice",
		world: explore.World{
			Queue: "meters", Messages: []string{`{"invoice":"i-1","customer":"c-1","kwh":10}`},
			Before: blobs(map[string]string{"billing/tariffs/current.json": `{"centsPerKWh":30}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			// Electricity becomes dearer once the invoice is out.
			via := changes(in, "billing", "invoices/i-1.json", "tariffs/current.json", `{"centsPerKWh":40}`)
			warn := func(string, ...any) {}
			return invoice.New(in.Queue("meters"), clients(in, via).Blobs.NewContainerClient("billing"), warn)(ctx)
		},
	},
	subject{
		name: "blobwrite/invoicepinned",
		world: explore.World{
			Queue:    "meters",
			Messages: []string{`{"invoice":"i-1","kwh":10,"tariffVersion":3}`, `{"invoice":"i-2","kwh":20,"tariffVersion":3}`},
			Before:   blobs(map[string]string{"billing/tariffs/v3.json": `{"centsPerKWh":30}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			// Electricity becomes dearer, with a version of its own.
			via := changes(in, "billing", "invoices/i-1", "tariffs/v4.json", `{"centsPerKWh":40}`)
			return invoicepinned.Work(ctx, in.Queue("meters"), blobsVia(in, via))
		},
	},
)
