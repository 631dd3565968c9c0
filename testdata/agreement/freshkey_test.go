package agreement

import (
	"context"
	"strings"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/activity"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/attemptlog"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/bloblease"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/charge"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/claims"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/clockday"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/contentaddr"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/correlation"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/eventlog"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/exports"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/genericput"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/getorcreate"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/hostname"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/idemderived"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/insertionday"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/jitter"
	"github.com/idemlint/idemlint/testdata/handlers/freshkey/jobs"
)

// Where nothing is reported there are two messages, so that a key that is the same for both
// would show.
var _ = add(
	subject{
		name: "freshkey/activity",
		world: explore.World{
			Queue: "actions", Messages: []string{`{"user":"u-1","verb":"commented","object":"post-9"}`},
			Before: tables("feed"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&activity.Feed{Queue: queueV1(in, "actions"), Table: in.Tables.NewClient("feed")}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/attemptlog",
		world: explore.World{
			Queue: "pictures", Messages: []string{`{"picture":"p-1","text":"a very long text"}`, `{"picture":"p-2","text":"another long text"}`},
			Before: before(tables("attempts"), blobs(map[string]string{"short/": ""})),
			// A row stands for an attempt: two attempts, two rows. Only people read them.
			Ignore: func(name string) bool { return strings.HasPrefix(name, "row attempts/") },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			w := &attemptlog.Worker{Queue: queueV1(in, "pictures"), Blobs: in.Storage(), Attempts: in.Tables.NewClient("attempts")}
			return w.Run(ctx)
		},
	},
	subject{
		name: "freshkey/bloblease",
		world: explore.World{
			Queue: "letters", Messages: []string{`letter.txt`, `bill.txt`},
			Before: blobs(map[string]string{"docs/letter.txt": "hello", "docs/bill.txt": "ten mugs", "done/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&bloblease.Translator{Queue: in.Queue("letters"), Docs: containerOf(in, "docs"), Done: containerOf(in, "done")}).Run(ctx)
		},
	},
	subject{name: "freshkey/bussequence", unplayable: onServiceBus},
	subject{
		name: "freshkey/charge",
		world: explore.World{
			Queue: "bills", Messages: []string{`{"bill":"b-1","customer":"c-1","cents":1999}`},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&charge.Cashier{Queue: queueV1(in, "bills"), HTTP: in.HTTP(), Payments: "https://pay.example"}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/claims",
		world: explore.World{
			Queue: "recordings", Messages: []string{`{"recording":"r-1","notes":"c d e"}`, `{"recording":"r-2","notes":"f g a"}`},
			Before: before(tables("claims"), blobs(map[string]string{"converted/": ""})),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			c := &claims.Converter{Queue: in.Queue("recordings"), Claims: in.Tables.NewClient("claims"), Blobs: in.Storage()}
			return c.Run(ctx)
		},
	},
	subject{
		name: "freshkey/clockday",
		world: explore.World{
			Queue: "parcels", Messages: []string{`{"parcel":"p-1","door":"12b"}`},
			Before: before(tables("days"), beforeMidnight),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&clockday.Post{Queue: queueV1(in, "parcels"), Days: in.Tables.NewClient("days")}).Run(ctx)
		},
		differs: "known miss: a date without a time of day in a key counts as a partition, not as fresh",
	},
	subject{
		name: "freshkey/contentaddr",
		world: explore.World{
			Queue: "documents", Messages: []string{`{"title":"offer","text":"ten mugs"}`, `{"title":"offer"}`},
			Before: blobs(map[string]string{"documents/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return contentaddr.Run(ctx, in.Queue("documents"), in.Storage())
		},
	},
	subject{
		name: "freshkey/correlation",
		world: explore.World{
			Queue: "letters", Messages: []string{`{"sender":"city","pages":["dear","sir"]}`},
			Before: blobs(map[string]string{"documents/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&correlation.Archive{Letters: queueV1(in, "letters"), Documents: containerOf(in, "documents")}).Run(ctx)
		},
	},
	subject{name: "freshkey/cosmosid", unplayable: onServiceBus},
	subject{name: "freshkey/dedupid", unplayable: onServiceBus},
	subject{
		name: "freshkey/eventlog",
		world: explore.World{
			Queue: "events", Messages: []string{`{"device":"d-1","event":"door opened"}`},
			Before: tables("events"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return eventlog.Run(ctx, in.Queue("events"), in.Tables.NewClient("events"))
		},
	},
	subject{
		name: "freshkey/exports",
		world: explore.World{
			Queue: "exports", Messages: []string{`{"customer":"c-1","rows":["a;1","b;2"]}`},
			Before: blobs(map[string]string{"outbox/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return exports.Run(ctx, in.Queue("exports"), in.Storage())
		},
	},
	subject{
		name: "freshkey/genericput",
		world: explore.World{
			Queue: "readings", Messages: []string{`{"meter":"m-1","wh":15400}`},
			Before: tables("readings"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return genericput.Run(ctx, in.Queue("readings"), in.Tables.NewClient("readings"))
		},
		differs: "known miss: a key that a generic repository fills in through a pointer is not seen to be fresh",
	},
	subject{
		name: "freshkey/getorcreate",
		world: explore.World{
			Queue: "orders", Messages: []string{`{"order":"o-1","cents":1999}`, `{"order":"o-2","cents":450}`},
			Before: before(tables("numbers"), blobs(map[string]string{"invoices/": ""})),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			b := &getorcreate.Biller{Orders: queueV1(in, "orders"), Numbers: in.Tables.NewClient("numbers"), Invoices: in.Storage()}
			return b.Run(ctx)
		},
	},
	subject{
		name: "freshkey/hostname",
		world: explore.World{
			Queue: "tasks", Messages: []string{`{"task":"t-1","a":3,"b":4}`},
			Before: blobs(map[string]string{"results/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&hostname.Calculator{Tasks: in.Queue("tasks"), Results: containerOf(in, "results")}).Run(ctx)
		},
		differs: "not played: the name is that of machine and process, and all workers of a schedule run in one process on one machine",
	},
	subject{
		name: "freshkey/idemderived",
		world: explore.World{
			Queue: "bills", Messages: []string{`{"bill":"b-1","customer":"c-1","cents":1999}`, `{"bill":"b-2","customer":"c-1","cents":450}`},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&idemderived.Cashier{Queue: queueV1(in, "bills"), HTTP: in.HTTP(), Payments: "https://pay.example"}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/insertionday",
		world: explore.World{
			Queue: "parcels", Messages: []string{`{"parcel":"p-1","door":"12b"}`, `{"parcel":"p-2","door":"12b"}`},
			Before: before(tables("days"), beforeMidnight),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&insertionday.Post{Queue: queueV1(in, "parcels"), Days: in.Tables.NewClient("days")}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/jitter",
		world: explore.World{
			Queue: "letters", Messages: []string{`{"letter":"l-1","text":"dear sir"}`, `{"letter":"l-2","text":"dear madam"}`},
			Before: blobs(map[string]string{"letters/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&jitter.Archive{Queue: queueV1(in, "letters"), Letters: containerOf(in, "letters")}).Run(ctx)
		},
	},
	subject{
		name: "freshkey/jobs",
		world: explore.World{
			Queue: "uploads", Messages: []string{`{"file":"a.mov"}`},
			Before: queues("jobs"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&jobs.Stage{In: in.Queue("uploads"), Out: in.Queue("jobs")}).Run(ctx)
		},
	},
)
