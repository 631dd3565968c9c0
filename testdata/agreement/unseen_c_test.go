package agreement

import (
	"context"
	"io"
	"log"
	"log/slog"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/explore"
	feedinvoices "github.com/idemlint/idemlint/testdata/handlers/unseen/c01invoicefeed/invoices"
	feedstorage "github.com/idemlint/idemlint/testdata/handlers/unseen/c01invoicefeed/storage"
	invoicefeed "github.com/idemlint/idemlint/testdata/handlers/unseen/c01invoicefeed/worker"
	downloadgrant "github.com/idemlint/idemlint/testdata/handlers/unseen/c02downloadgrant"
	sitestatus "github.com/idemlint/idemlint/testdata/handlers/unseen/c03sitestatus"
	stockreserve "github.com/idemlint/idemlint/testdata/handlers/unseen/c05stockreserve/reserve"
	catalogversion "github.com/idemlint/idemlint/testdata/handlers/unseen/c07catalogversion"
	signup "github.com/idemlint/idemlint/testdata/handlers/unseen/c09duplicatesignup/consumer"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c09duplicatesignup/signups"
	fanoutdrop "github.com/idemlint/idemlint/testdata/handlers/unseen/c11fanoutdrop"
	enrichretry "github.com/idemlint/idemlint/testdata/handlers/unseen/c12enrichretry/enrich"
	enrichgeo "github.com/idemlint/idemlint/testdata/handlers/unseen/c12enrichretry/geo"
	bookingcode "github.com/idemlint/idemlint/testdata/handlers/unseen/c15bookingcode"
	"github.com/idemlint/idemlint/testdata/handlers/unseen/c16previews/media"
	previews "github.com/idemlint/idemlint/testdata/handlers/unseen/c16previews/preview"
	claimguard "github.com/idemlint/idemlint/testdata/handlers/unseen/c20claimguard"
	poisonorders "github.com/idemlint/idemlint/testdata/handlers/unseen/c21poisonorders"
	mirrordrop "github.com/idemlint/idemlint/testdata/handlers/unseen/c23mirrordrop"
	reminderaction "github.com/idemlint/idemlint/testdata/handlers/unseen/c24reminderaction"
	timeoutlease "github.com/idemlint/idemlint/testdata/handlers/unseen/c26timeoutlease"
	idlebackoff "github.com/idemlint/idemlint/testdata/handlers/unseen/c27idlebackoff"
	parallelscore "github.com/idemlint/idemlint/testdata/handlers/unseen/c28parallelscore"
)

var _ = add(
	subject{
		name: "unseen/c01invoicefeed",
		world: explore.World{
			Queue: "invoices", Messages: []string{
				`{"number":"i-1","customer":"ida","total":9.5}`,
				`{"number":"i-2","customer":"bob","total":4.5}`,
			},
			Before: blobs(map[string]string{"shop/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			service := feedinvoices.NewService(feedstorage.NewBlobs(in.Storage(), "shop"))
			return invoicefeed.New(queueVia(in, "invoices", oneEach(in)), service, slog.Default()).Run(ctx)
		},
	},
	subject{
		name: "unseen/c02downloadgrant",
		world: explore.World{
			Queue: "purchases", Messages: []string{`{"orderId":"o-1","customerId":"ida","asset":"film"}`},
			Before: tables("grants"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			store := downloadgrant.NewStore(in.Tables.NewClient("grants"))
			return downloadgrant.NewWorker(in.Queue("purchases"), store, downloadgrant.Config{GrantDays: 30, Lease: 60}).Poll(ctx)
		},
	},
	subject{
		name: "unseen/c03sitestatus",
		world: explore.World{
			Queue: "readings", Messages: []string{
				`{"gateway":"g-1","sequence":1,"temperature":17.5,"takenAt":"2026-05-01T10:00:00Z"}`,
				`{"gateway":"g-1","sequence":2,"temperature":18,"takenAt":"2026-05-01T11:00:00Z"}`,
			},
			Before: blobs(map[string]string{"site/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			options := sitestatus.Options{DashboardBlob: "dashboard.json"}
			return sitestatus.New(queueV1(in, "readings"), containerOf(in, "site"), options).Run(ctx)
		},
	},
	subject{name: "unseen/c04shipmentkinds", unplayable: onServiceBus},
	subject{
		name: "unseen/c05stockreserve",
		world: explore.World{
			Queue: "orders", Messages: []string{`{"order":"o-1","sku":"mug","qty":2}`, `{"order":"o-2","sku":"mug","qty":3}`},
			Before: rows(map[string]string{"stock/stock/mug": `{"OnHand":10,"Reserved":""}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			stockreserve.New(queueVia(in, "orders", oneEach(in)), in.Tables.NewClient("stock")).Loop(ctx)
			return nil
		},
	},
	subject{name: "unseen/c06consentwild", unplayable: onServiceBus},
	subject{
		name: "unseen/c07catalogversion",
		world: explore.World{
			Queue: "articles", Messages: []string{`{"shop":"s-1","sku":"mug","title":"Mug"}`, `{"shop":"s-1","sku":"tea","title":"Tea"}`},
			Before: blobs(map[string]string{"shops/s-1/catalog.json": "{}"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return catalogversion.NewImporter(in.Queue("articles"), containerOf(in, "shops")).Run(ctx)
		},
	},
	subject{name: "unseen/c08accountledger", unplayable: onCosmos},
	subject{
		name: "unseen/c09duplicatesignup",
		world: explore.World{
			Queue: "signups", Messages: []string{`{"list":"news","address":"ida@example.com"}`},
			Before: tables("signups"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			store := signups.NewStore(in.Tables.NewClient("signups"))
			return signup.New(in.Queue("signups"), store, log.New(io.Discard, "", 0)).Run(ctx)
		},
	},
	subject{name: "unseen/c10reportnotify", unplayable: onServiceBus},
	subject{
		name: "unseen/c11fanoutdrop",
		world: explore.World{
			Queue: "mailings", Messages: []string{`{"id":"m-1","template":"spring","recipients":["ida","bob"]}`},
			Before: queues("letters"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return fanoutdrop.NewSplitter(queueV1(in, "mailings"), queueV1(in, "letters")).Run(ctx)
		},
	},
	subject{
		name: "unseen/c12enrichretry",
		world: explore.World{
			Queue: "customers", Messages: []string{`{"id":"c-1","region":"north","address":"Main St 1"}`},
			Before: tables("places"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			w := enrichretry.New(in.Queue("customers"), in.Tables.NewClient("places"), enrichgeo.NewClient("https://geo.example"))
			return w.Run(outside(ctx, in, failing(15*time.Second, 4)))
		},
	},
	subject{name: "unseen/c13pdfwait", unplayable: startsProcess},
	subject{name: "unseen/c14lateheartbeat", unplayable: startsProcess},
	subject{
		name: "unseen/c15bookingcode",
		world: explore.World{
			Queue: "reservations", Messages: []string{"r-1", "r-2"},
			Before: blobs(map[string]string{"tickets/": ""}),
			// A code that has no letter by chance would be taken for a Unix time.
			Mask: func(_, value string) string { return strings.Replace(value, `"code":"`, `"code":"c`, 1) },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return bookingcode.NewDesk(in.Queue("reservations"), in.Storage()).Run(ctx)
		},
	},
	subject{
		name: "unseen/c16previews",
		world: explore.World{
			Queue: "uploads", Messages: []string{`{"name":"one.jpg"}`, `{"name":"two.jpg"}`},
			Before: blobs(map[string]string{"originals/one.jpg": jpegPicture(), "originals/two.jpg": jpegPicture(), "previews/": ""}),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return previews.New(in.Queue("uploads"), media.NewStore(in.Storage())).Run(ctx)
		},
	},
	subject{name: "unseen/c17telemetryarchive", unplayable: onServiceBus},
	subject{name: "unseen/c18loyaltycas", unplayable: onServiceBus},
	subject{name: "unseen/c19deviceupdate", unplayable: onCosmos},
	subject{
		name: "unseen/c20claimguard",
		world: explore.World{
			Queue: "claims", Messages: []string{`{"number":"c-1","policy":"p-1","amount":100}`, `{"number":"c-2","policy":"p-1","amount":50}`},
			Before: tables("claims"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return claimguard.NewIntake(in.Queue("claims"), in.Tables.NewClient("claims")).Once(ctx)
		},
	},
	subject{
		name: "unseen/c21poisonorders",
		world: explore.World{
			Queue: "orders", Poison: "poison", Messages: []string{
				`{"kind":"order","id":"o-1","data":{"sku":"mug"}}`,
				`{"kind":"return","id":"o-1","data":{"sku":"tea"}}`,
				`{"kind":"gift","id":"o-2","data":{}}`,
			},
			Before: blobs(map[string]string{"orders/": "", "returns/": ""}),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			work := poisonorders.Queues{Work: queueV1(in, "orders"), Poison: queueV1(in, "poison")}
			poisonorders.NewWorker(work, in.Storage(), slog.Default()).Run(ctx)
			return nil
		},
	},
	subject{name: "unseen/c22deferredwrapper", unplayable: onServiceBus},
	subject{
		name: "unseen/c23mirrordrop",
		world: explore.World{
			Queue: "attachments", Messages: []string{"a.txt", "b.txt"},
			Before: blobs(map[string]string{"attachments/a.txt": "one", "attachments/b.txt": "two", "archive/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return mirrordrop.New(in.Queue("attachments"), containerOf(in, "attachments"), containerOf(in, "archive")).Run(ctx)
		},
	},
	subject{
		name: "unseen/c24reminderaction",
		world: explore.World{
			Queue: "reminders", Messages: []string{
				`{"id":"r-1","user":"ida","text":"now","due":"1999-12-31T00:00:00Z"}`,
				`{"id":"r-2","user":"ida","text":"later","due":"2000-01-01T00:15:00Z"}`,
			},
			Before: tables("inbox"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return reminderaction.New(in.Queue("reminders"), in.Tables.NewClient("inbox")).Run(ctx)
		},
	},
	subject{name: "unseen/c25leasekeeper", unplayable: startsProcess},
	subject{
		name:  "unseen/c26timeoutlease",
		world: explore.World{Queue: "statements", Messages: []string{"one", "two"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return timeoutlease.New(in.Queue("statements")).Run(outside(ctx, in, always(599*time.Second)))
		},
	},
	subject{
		name:  "unseen/c27idlebackoff",
		world: explore.World{Queue: "contacts", Messages: []string{"ida", "bob"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return idlebackoff.New(in.Queue("contacts"), idlebackoff.NewREST("https://crm.example")).Run(outside(ctx, in, always(19*time.Second)))
		},
	},
	subject{
		name: "unseen/c28parallelscore",
		world: explore.World{
			Queue: "applications", Messages: []string{`{"ID":"a-1","Bank":"b-1","Features":"x"}`, `{"ID":"a-2","Bank":"b-1","Features":"y"}`},
			Before: tables("scores"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			e := parallelscore.NewEngine(in.Queue("applications"), in.Tables.NewClient("scores"), "https://model.example")
			return e.Run(outside(ctx, in, always(9*time.Second)))
		},
	},
)
