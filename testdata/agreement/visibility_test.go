package agreement

import (
	"context"
	"io"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/explore"
	addsup "github.com/idemlint/idemlint/testdata/handlers/visibility/addsup"
	afterdelete "github.com/idemlint/idemlint/testdata/handlers/visibility/afterdelete"
	backoffonfail "github.com/idemlint/idemlint/testdata/handlers/visibility/backoffonfail"
	bareclient "github.com/idemlint/idemlint/testdata/handlers/visibility/bareclient"
	batchsixteen "github.com/idemlint/idemlint/testdata/handlers/visibility/batchsixteen"
	bulkdownload "github.com/idemlint/idemlint/testdata/handlers/visibility/bulkdownload"
	bulkparallel "github.com/idemlint/idemlint/testdata/handlers/visibility/bulkparallel"
	bulkupload "github.com/idemlint/idemlint/testdata/handlers/visibility/bulkupload"
	configlease "github.com/idemlint/idemlint/testdata/handlers/visibility/configlease"
	"github.com/idemlint/idemlint/testdata/handlers/visibility/contextless"
	ctorlease "github.com/idemlint/idemlint/testdata/handlers/visibility/ctorlease"
	ctxcap "github.com/idemlint/idemlint/testdata/handlers/visibility/ctxcap"
	ctxtenminutes "github.com/idemlint/idemlint/testdata/handlers/visibility/ctxtenminutes"
	cyclebounded "github.com/idemlint/idemlint/testdata/handlers/visibility/cyclebounded"
	cyclewait "github.com/idemlint/idemlint/testdata/handlers/visibility/cyclewait"
	defaultclient "github.com/idemlint/idemlint/testdata/handlers/visibility/defaultclient"
	deferwait "github.com/idemlint/idemlint/testdata/handlers/visibility/deferwait"
)

// In these worlds everything takes nearly as long as the handlers allow, and services
// without a limit take longer than the lease. Where work outlasts its lease the second
// worker begins before the first one is done, and neither can delete the message: each has
// a void receipt by then. A batch that outlasts its lease comes to an end all the same, since each
// round settles some of it, and what two workers do of the rest is safe to repeat: there
// World.Once tells.

const startsProcess = "it starts a process and waits for it: in a schedule no time passes meanwhile"

var _ = add(
	subject{
		name:  "visibility/addsup",
		world: explore.World{Queue: "newcomers", Messages: []string{"ida"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			ctx = outside(ctx, in, func(path string, _ int) time.Duration {
				switch system, _, _ := strings.Cut(path[1:], "/"); system {
				case "directory":
					return 19 * time.Second
				case "mailboxes":
					return 34 * time.Second
				}
				return 14 * time.Second
			})
			return addsup.New(in.Queue("newcomers"), "https://hr.example").Hire(ctx)
		},
	},
	subject{
		name: "visibility/afterdelete",
		world: explore.World{
			Queue: "machines", Messages: []string{"one", "two"},
			Before: blobs(map[string]string{"washed/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			afterdelete.New(in.Queue("machines"), in.Storage()).Loop(ctx)
			return nil
		},
	},
	subject{
		name: "visibility/backoffonfail",
		world: explore.World{
			Queue: "entries", Messages: []string{"one", "two"},
			Before: tables("book"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			backoffonfail.Post(ctx, in.Queue("entries"), in.Tables.NewClient("book"))
			return nil
		},
	},
	subject{
		name: "visibility/bareclient",
		world: explore.World{
			Queue: "changes", Messages: []string{"ida moved"},
			Outside: answers(http.StatusNoContent),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return bareclient.New(in.Queue("changes"), "https://crm.example").Pass(outside(ctx, in, always(90*time.Second)))
		},
	},
	subject{
		name: "visibility/batchsixteen",
		world: explore.World{
			Queue: "numbers", Messages: []string{"100", "101", "102", "103", "104", "105", "106"},
			Outside: answers(http.StatusAccepted), Once: true,
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			ctx = outside(ctx, in, always(4900*time.Millisecond))
			return batchsixteen.NewPorter(in.Queue("numbers"), "https://carrier.example").Batch(ctx)
		},
	},
	subject{
		name: "visibility/bulkdownload",
		world: explore.World{
			Queue: "films", Messages: []string{"one", "two"},
			Before: before(blobs(map[string]string{"films/one": "a long film", "films/two": "a longer film"}), tables("sums")),
			Once:   true,
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			films := blobsVia(in, slow(in, 28*time.Second))
			return bulkdownload.Verify(ctx, queueV1(in, "films"), films, in.Tables.NewClient("sums"))
		},
	},
	subject{
		name: "visibility/bulkparallel",
		world: explore.World{
			Queue: "passes", Messages: []string{"one.txt", "two.txt"},
			Before: blobs(map[string]string{"pictures/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			pictures := blobsVia(in, slow(in, 7*time.Minute))
			return bulkparallel.New(in.Queue("passes"), pictures, "testdata/share").Upload(ctx)
		},
	},
	subject{
		name: "visibility/bulkupload",
		world: explore.World{
			Queue: "books", Messages: []string{"one.txt", "two.txt"},
			Before: blobs(map[string]string{"books/": ""}),
			Once:   true,
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			books := clients(in, slow(in, 28*time.Second)).Blobs.NewContainerClient("books")
			return (&bulkupload.Uploader{Queue: in.Queue("books"), Books: books, Share: "testdata/share"}).UploadAll(ctx)
		},
	},
	subject{name: "visibility/busdeletemode", unplayable: onServiceBus},
	subject{name: "visibility/buslock", unplayable: onServiceBus},
	subject{name: "visibility/busrenew", unplayable: onServiceBus},
	subject{
		name:  "visibility/configlease",
		world: explore.World{Queue: "replicate", Messages: []string{"one"}, Before: tables("marks")},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return configlease.New(in.Queues, in.Tables.NewClient("marks")).Run(ctx)
		},
	},
	subject{
		name:  "visibility/contextless",
		world: explore.World{Queue: "reports", Messages: []string{"one"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			reports := outsideURL(in, "reports.example", always(2*time.Minute))
			contextless.NewListener(in.Queue("reports"), reports).Listen(ctx)
			return nil
		},
	},
	subject{
		name: "visibility/ctorlease",
		world: explore.World{
			Queue: "moves", Messages: []string{"one"},
			Before: blobs(map[string]string{"places/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			ctorlease.Start(ctx, queueV1(in, "moves"), containerOf(in, "places"))
			return nil
		},
	},
	subject{
		name:  "visibility/ctxcap",
		world: explore.World{Queue: "docs", Messages: []string{"one", "two"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return ctxcap.New(in.Queue("docs"), "https://index.example").Index(outside(ctx, in, always(89*time.Second)))
		},
	},
	subject{
		name:  "visibility/ctxtenminutes",
		world: explore.World{Queue: "loads", Messages: []string{"one"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			l := ctxtenminutes.Loader{Queue: in.Queue("loads"), Warehouse: "https://warehouse.example"}
			return l.Next(outside(ctx, in, always(9*time.Minute)))
		},
	},
	subject{
		name: "visibility/cyclebounded",
		world: explore.World{
			Queue: "deals", Messages: []string{"ten mugs", "ten pots"},
			// The partner agrees in the third round.
			Outside: func() http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !strings.HasSuffix(r.URL.Path, "/3") {
						w.WriteHeader(http.StatusConflict)
					}
				})
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return cyclebounded.Haggle(outside(ctx, in, always(14*time.Second)), in.Queue("deals"), "https://partner.example")
		},
	},
	subject{
		name: "visibility/cyclewait",
		world: explore.World{
			Queue: "rides", Messages: []string{"up"},
			Before: blobs(map[string]string{"rides/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			// The storage service is busy at first.
			tries := 0
			busy := between{in.Transport(), func(r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
				if tries++; tries > 1 {
					return send()
				}
				return &http.Response{
					Status: "503 Server Busy", StatusCode: http.StatusServiceUnavailable, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
					Header: http.Header{}, Body: http.NoBody, Request: r,
				}, nil
			}}
			return cyclewait.New(in.Queue("rides"), blobsVia(in, busy)).Handle(ctx)
		},
	},
	subject{
		name:  "visibility/defaultclient",
		world: explore.World{Queue: "depots", Messages: []string{"north"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			engine := outsideURL(in, "engine.example", always(6*time.Minute))
			defaultclient.Poll(ctx, queueV1(in, "depots"), engine, log.New(io.Discard, "", 0))
			return nil
		},
	},
	subject{
		name:  "visibility/deferwait",
		world: explore.World{Queue: "orders", Messages: []string{"one"}, Before: tables("results")},
		handler: func(ctx context.Context, in *explore.Instance) error {
			b := &deferwait.Bench{Name: "b-1", Orders: in.Queue("orders"), Results: in.Tables.NewClient("results")}
			return b.Test(ctx)
		},
	},
	subject{name: "visibility/execdeadline", unplayable: startsProcess},
	subject{name: "visibility/execunbound", unplayable: startsProcess},
)
