package agreement

import (
	"context"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/orderlines"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/poprow"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/producer"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/readback"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/receipts"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/runid"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/seededdraw"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/sha1row"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/stageblocks"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/tempfile"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/tickets"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/tracing"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/ulidfixed"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/voucher"
)

var _ = add(
	subject{
		name: "freshkey/orderlines",
		world: explore.World{
			Queue: "orders", Messages: []string{`{"order":"o-1","articles":["tea","mug"]}`},
			Before: tables("lines"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&orderlines.Splitter{Orders: queueV1(in, "orders"), Lines: in.Tables.NewClient("lines")}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/poprow",
		world: explore.World{
			Queue: "bookings", Messages: []string{`{"room":"r-1","night":"2026-03-01"}`},
			Before: tables("log"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return poprow.Run(ctx, queueV1(in, "bookings"), in.Tables.NewClient("log"))
		},
	},
	subject{
		name: "freshkey/producer",
		world: explore.World{
			Queue: "orders", Messages: []string{`{"id":"5f0c","article":"tea"}`, `{"id":"5f0d","article":"tea"}`},
			Before: tables("orders"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&producer.Shop{Queue: in.Queue("orders"), Orders: in.Tables.NewClient("orders")}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/readback",
		world: explore.World{
			Queue: "customers", Messages: []string{`{"customer":"c-1"}`, `{"customer":"c-2"}`},
			Before: tables("coupons"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return readback.Run(ctx, in.Queue("customers"), in.Tables.NewClient("coupons"))
		},
	},
	subject{
		name: "freshkey/receipts",
		world: explore.World{
			Queue: "payments", Messages: []string{`{"payment":"p-1","shop":"s1","cents":1999}`},
			Before: blobs(map[string]string{"receipts/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return receipts.Run(ctx, in.Queue("payments"), in.Storage())
		},
	},
	subject{name: "freshkey/reviews", unplayable: onCosmos},
	subject{
		name: "freshkey/runid",
		world: explore.World{
			Queue: "probes", Messages: []string{`{"probe":"p-1","value":17}`},
			Before: blobs(map[string]string{"measurements/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return runid.Run(ctx, in.Queue("probes"), in.Storage())
		},
		differs: "known miss: an id that a process draws once, before its first receive, differs from one process to the next",
	},
	subject{name: "freshkey/sbderived", unplayable: onServiceBus},
	subject{
		name: "freshkey/seededdraw",
		world: explore.World{
			Queue: "raffles", Messages: []string{`{"raffle":"r-1","names":["Ida","Mia","Tom"]}`, `{"raffle":"r-2","names":["Ida","Mia","Tom"]}`},
			Before: tables("winners"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&seededdraw.Fair{Queue: queueV1(in, "raffles"), Winners: in.Tables.NewClient("winners")}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/sha1row",
		world: explore.World{
			Queue:    "actions",
			Messages: []string{`{"user":"u-1","verb":"commented","object":"post-9"}`, `{"user":"u-1","verb":"commented","object":"post-9"}`},
			Before:   tables("feed"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&sha1row.Feed{Queue: queueV1(in, "actions"), Table: in.Tables.NewClient("feed")}).Run(ctx)
		},
	},
	subject{name: "freshkey/shipments", unplayable: onServiceBus},
	subject{name: "freshkey/snapshots", unplayable: onServiceBus},
	subject{
		name: "freshkey/stageblocks",
		world: explore.World{
			Queue: "books", Messages: []string{`{"book":"b-1","chapters":["one","two"]}`, `{"book":"b-2","chapters":["three"]}`},
			Before: blobs(map[string]string{"books/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return stageblocks.Run(ctx, queueV1(in, "books"), containerOf(in, "books"))
		},
	},
	subject{
		name: "freshkey/tempfile",
		world: explore.World{
			Queue: "pages", Messages: []string{`{"page":"about","text":"hello"}`, `{"page":"home","text":"hello"}`},
			Before: blobs(map[string]string{"site/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&tempfile.Renderer{Queue: in.Queue("pages"), Site: in.Storage()}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/tickets",
		world: explore.World{
			Queue: "complaints", Messages: []string{`{"customer":"c-1","text":"it leaks"}`},
			Before: blobs(map[string]string{"tickets/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&tickets.Desk{Queue: queueV1(in, "complaints"), Blobs: in.Storage()}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/tracing",
		world: explore.World{
			Queue: "orders", Messages: []string{`{"order":"o-1","article":"tea"}`, `{"order":"o-2","article":"mug"}`},
			Before: blobs(map[string]string{"orders/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return tracing.Run(ctx, queueV1(in, "orders"), in.Storage())
		},
	},
	subject{
		name: "freshkey/ulidfixed",
		world: explore.World{
			Queue: "uploads", Messages: []string{`{"tenant":"acme","text":"hello"}`, `{"tenant":"acme","text":"hullo"}`},
			Before: blobs(map[string]string{"uploads/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return ulidfixed.Run(ctx, in.Queue("uploads"), in.Storage())
		},
	},
	subject{
		name: "freshkey/voucher",
		world: explore.World{
			Queue: "purchases", Messages: []string{`{"purchase":"p-1","cents":5000}`, `{"purchase":"p-2","cents":700}`},
			Before: blobs(map[string]string{"vouchers/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&voucher.Issuer{Purchases: in.Queue("purchases"), Vouchers: containerOf(in, "vouchers")}).Run(ctx)
		},
	},
)
