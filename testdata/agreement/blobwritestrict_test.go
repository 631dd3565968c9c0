package agreement

import (
	"context"
	"fmt"
	"net/http"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/runtime/storage"
	"github.com/idemlint/idemlint/testdata/handlers/blobwritestrict/enrich"
	"github.com/idemlint/idemlint/testdata/handlers/blobwritestrict/pure"
	"github.com/idemlint/idemlint/testdata/handlers/blobwritestrict/stamped"
	"github.com/idemlint/idemlint/testdata/handlers/blobwritestrict/webfetch"
)

// The linter is not strict here: what it reports in its strict mode alone it does not
// report.
var _ = add(
	subject{name: "blobwritestrict/createonly", unplayable: onCosmos},
	subject{
		name: "blobwritestrict/enrich",
		world: explore.World{
			Queue: "shipments", Messages: []string{`{"number":"s-1","region":"eu","customer":"c-1"}`},
			Before: before(
				rows(map[string]string{"customers/eu/c-1": `{"Address":"Main St 1"}`}),
				blobs(map[string]string{"labels/": ""}),
			),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			// The customer moves once the label is printed.
			via := watched(in, func(direct storage.Clients) {
				if _, printed := in.Account.Blobs.Snapshot()["labels"]["s-1.txt"]; !printed {
					return
				}
				moved := []byte(`{"PartitionKey":"eu","RowKey":"c-1","Address":"High St 2"}`)
				if _, err := direct.Tables.NewClient("customers").UpsertEntity(context.Background(), moved, nil); err != nil {
					panic(err)
				}
			})
			l := &enrich.Labeller{Shipments: in.Queue("shipments"), Customers: in.Tables.NewClient("customers"), Labels: blobsVia(in, via)}
			return l.Next(ctx)
		},
		differs: "reported in strict mode alone: the row that the message names may change between two attempts, and here it does",
	},
	subject{
		name: "blobwritestrict/pure",
		world: explore.World{
			Queue:    "orders",
			Messages: []string{`{"number":"o-1","customer":"Ida","lines":["mug","tea"]}`, `{"number":"o-2","customer":"Ida","lines":["pot"]}`},
			Before:   blobs(map[string]string{"slips/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return pure.Store(ctx, in.Queue("orders"), in.Storage())
		},
	},
	subject{name: "blobwritestrict/resolvedkey", unplayable: onServiceBus},
	subject{
		name: "blobwritestrict/stamped",
		world: explore.World{
			Queue: "letters", Messages: []string{`{"Sender":"ida","Number":"1","Subject":"hello"}`, `{"Sender":"ida","Number":"2","Subject":"again"}`},
			Before: tables("letters"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := stamped.File(ctx, in.Queue("letters"), in.Tables.NewClient("letters"))
			return err
		},
	},
	webfetchSubject(),
)

func webfetchSubject() subject {
	var account *storage.Account
	return subject{
		name: "blobwritestrict/webfetch",
		world: explore.World{
			Queue: "urls", Messages: []string{"https://news.example/today"},
			Before: before(blobs(map[string]string{"pages/": ""}), func(_ context.Context, in *explore.Instance) error {
				account = in.Account
				return nil
			}),
			// The page is another one once there is a copy.
			Outside: func() http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					fmt.Fprintf(w, "issue %d", 1+len(account.Blobs.Snapshot()["pages"]))
				})
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return webfetch.New(in.Queue("urls"), in.Storage()).Work(outside(ctx, in, always(0)))
		},
		differs: "reported in strict mode alone: the page that the message names may change between two attempts, and here it does",
	}
}
