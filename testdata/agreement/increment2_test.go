package agreement

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/testdata/handlers/increment/guestfull"
	"github.com/idemlint/idemlint/testdata/handlers/increment/guestlist"
	"github.com/idemlint/idemlint/testdata/handlers/increment/markrow"
	"github.com/idemlint/idemlint/testdata/handlers/increment/metacount"
	"github.com/idemlint/idemlint/testdata/handlers/increment/meter"
	"github.com/idemlint/idemlint/testdata/handlers/increment/notes"
	"github.com/idemlint/idemlint/testdata/handlers/increment/pagehits"
	"github.com/idemlint/idemlint/testdata/handlers/increment/peak"
	"github.com/idemlint/idemlint/testdata/handlers/increment/pricelist"
	"github.com/idemlint/idemlint/testdata/handlers/increment/receiptmark"
	"github.com/idemlint/idemlint/testdata/handlers/increment/recount"
	"github.com/idemlint/idemlint/testdata/handlers/increment/rowpersale"
	"github.com/idemlint/idemlint/testdata/handlers/increment/saleslog"
	"github.com/idemlint/idemlint/testdata/handlers/increment/shipping"
	"github.com/idemlint/idemlint/testdata/handlers/increment/slots"
	"github.com/idemlint/idemlint/testdata/handlers/increment/stock"
	"github.com/idemlint/idemlint/testdata/handlers/increment/tailpos"
	"github.com/idemlint/idemlint/testdata/handlers/increment/transfer"
)

// twoGuests are two replies to one party.
var twoGuests = explore.World{
	Queue:    "inbox",
	Messages: []string{`{"guest":"Ada","party":"May"}`, `{"guest":"Bob","party":"May"}`},
	Before:   blobs(map[string]string{"parties/May": `{"guests":["Eve"]}`}),
}

var _ = add(
	subject{
		name: "increment/guestfull", world: twoGuests,
		handler: func(ctx context.Context, in *explore.Instance) error {
			return guestfull.Accept(ctx, in.Queue("inbox"), in.Storage())
		},
	},
	subject{
		name: "increment/guestlist", world: twoGuests,
		handler: func(ctx context.Context, in *explore.Instance) error {
			return errors.Join(guestlist.Accept(ctx, in.Queue("inbox"), in.Storage()), guestlist.AcceptByHelpers(ctx, in.Queue("inbox"), in.Storage()),
				guestlist.AcceptInside(ctx, in.Queue("inbox"), in.Storage()))
		},
	},
	subject{name: "increment/manifest", unplayable: onServiceBus},
	subject{
		name: "increment/markrow",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"account":"a-7","cents":500}`,
				`{"account":"a-7","cents":20}`,
			},
			Before: rows(map[string]string{"accounts/a-7/balance": `{"Cents":1200}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := (&markrow.Teller{Queue: queueV1(in, "inbox"), Accounts: in.Tables.NewClient("accounts")}).Work(ctx)
			return err
		},
	},
	subject{
		name: "increment/metacount",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`report.pdf`},
			Before:   incrementFile,
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&metacount.Counter{Queue: queueV1(in, "inbox"), Files: containerOf(in, "files")}).Run(ctx)
		},
	},
	subject{
		name: "increment/meter",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"meter":"m-1","wh":15400}`,
				`{"meter":"m-1","wh":15500}`,
			},
			Before: rows(map[string]string{"usage/2026-03/m-1": `{"Shown":15000,"Used":900}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return meter.Run(ctx, in.Queue("inbox"), in.Tables.NewClient("usage"))
		},
	},
	subject{
		name: "increment/notes",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"case":"c-3","author":"Mia","note":"called back"}`},
			Before:   rows(map[string]string{"cases/open/c-3": `{"History":""}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return notes.Consume(ctx, queueV1(in, "inbox"), in.Tables.NewClient("cases"))
		},
	},
	subject{
		name: "increment/pagehits",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"page":"home"}`,
				`{"page":"home"}`,
			},
			Before: blobs(map[string]string{"stats/hits/home": `41`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return pagehits.Run(ctx, in.Queue("inbox"), in.Storage())
		},
	},
	subject{name: "increment/parts", unplayable: onServiceBus},
	subject{
		name: "increment/peak",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"meter":"m-1","kw":37}`,
				`{"meter":"m-1","kw":40}`,
			},
			Before: rows(map[string]string{"meters/all/m-1": `{"PeakKW":20}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return peak.Run(ctx, in.Queue("inbox"), in.Tables.NewClient("meters"))
		},
	},
	subject{name: "increment/points", unplayable: onServiceBus},
	subject{
		name: "increment/pricelist",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"sku":"mug","cents":899,"version":4}`,
				`{"sku":"mug","cents":999,"version":5}`,
			},
			Before: rows(map[string]string{"prices/current/mug": `{"Cents":799,"Version":3}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&pricelist.Follower{Changes: in.Queue("inbox"), Prices: in.Tables.NewClient("prices")}).Run(ctx)
		},
	},
	subject{
		name: "increment/receiptmark",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"person":"p-2","minutes":45}`},
			Before:   blobs(map[string]string{"hours/p-2": `{"minutes":0}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return receiptmark.Run(ctx, queueV1(in, "inbox"), in.Storage())
		},
	},
	subject{
		name: "increment/recount",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"survey":"food","answer":"good"}`,
				`{"survey":"food","answer":"bad"}`,
			},
			Before: rows(map[string]string{"answers/totals/food": `{"Answers":0}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return recount.Run(ctx, queueV1(in, "inbox"), in.Tables.NewClient("answers"))
		},
	},
	subject{
		name: "increment/rowpersale",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"day":"2026-03-01","till":"t2","cents":1999}`,
				`{"day":"2026-03-01","till":"t2","cents":1999}`,
			},
			Before: tables("sales"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&rowpersale.Keeper{Sales: in.Queue("inbox"), Table: in.Tables.NewClient("sales")}).Run(ctx)
		},
	},
	subject{
		name: "increment/saleslog",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"day":"2026-03-01","till":"t2","cents":1999}`},
			Before:   blobs(map[string]string{"files/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&saleslog.Logger{Queue: queueV1(in, "inbox"), Files: containerOf(in, "files")}).Run(ctx)
		},
	},
	subject{
		name: "increment/shipping",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"order":"o-5","parcels":2}`},
			Before:   rows(map[string]string{"orders/eu/o-5": `{"State":"paid","Revision":3,"Parcels":0}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&shipping.Desk{Shipments: queueV1(in, "inbox"), Orders: in.Tables.NewClient("orders")}).Run(ctx)
		},
	},
	subject{
		name: "increment/slots",
		world: explore.World{
			Queue: "inbox",
			Messages: []string{
				`{"sensor":"s-4","index":0,"milli":21500}`,
				`{"sensor":"s-4","index":1,"milli":22500}`,
			},
			Before: incrementLog("readings", "s-4.bin"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return slots.Collect(ctx, in.Queue("inbox"), containerOf(in, "readings"))
		},
	},
	subject{
		name: "increment/stock",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"shop":"s1","sku":"mug","qty":2}`},
			Before:   rows(map[string]string{"stock/s1/mug": `{"OnHand":10}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return stock.Drain(ctx, in.Queue("inbox"), in.Tables.NewClient("stock"))
		},
	},
	subject{name: "increment/subscribers", unplayable: onServiceBus},
	subject{
		name: "increment/tailpos",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"sensor":"s-4","celsius":21.5}`},
			Before:   incrementLog("readings", "s-4.txt"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return tailpos.Collect(ctx, in.Queue("inbox"), containerOf(in, "readings"))
		},
	},
	subject{
		name: "increment/transfer",
		world: explore.World{
			Queue:    "inbox",
			Messages: []string{`{"house":"h1","from":"food","to":"fun","cents":300}`},
			Before:   rows(map[string]string{"pots/h1/food": `{"Cents":1000}`, "pots/h1/fun": `{"Cents":0}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&transfer.Clerk{In: queueV1(in, "inbox"), Pots: in.Tables.NewClient("pots")}).Step(ctx)
		},
	},
)

// incrementFile makes a file that was downloaded seven times.
func incrementFile(ctx context.Context, in *explore.Instance) error {
	if _, err := in.Storage().CreateContainer(ctx, "files", nil); err != nil {
		return err
	}
	_, err := in.Storage().UploadBuffer(ctx, "files", "report.pdf", []byte("pages"), &azblob.UploadBufferOptions{
		Metadata: map[string]*string{"downloads": to.Ptr("7")},
	})
	return err
}

// incrementLog makes an empty append blob.
func incrementLog(container, name string) func(context.Context, *explore.Instance) error {
	return func(ctx context.Context, in *explore.Instance) error {
		if _, err := in.Storage().CreateContainer(ctx, container, nil); err != nil {
			return err
		}
		_, err := containerOf(in, container).NewAppendBlobClient(name).Create(ctx, nil)
		return err
	}
}
