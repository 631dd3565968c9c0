package agreement

import (
	"context"
	"log/slog"
	"regexp"

	"github.com/idemlint/idemlint/runtime/explore"
	blindretry "github.com/idemlint/idemlint/testdata/handlers/etag/blindretry"
	cart "github.com/idemlint/idemlint/testdata/handlers/etag/cart"
	cartcas "github.com/idemlint/idemlint/testdata/handlers/etag/cartcas"
	"github.com/idemlint/idemlint/testdata/handlers/etag/counter"
	counteretag "github.com/idemlint/idemlint/testdata/handlers/etag/counteretag"
	crossetag "github.com/idemlint/idemlint/testdata/handlers/etag/crossetag"
	docgeneric "github.com/idemlint/idemlint/testdata/handlers/etag/docgeneric"
	docgenericcas "github.com/idemlint/idemlint/testdata/handlers/etag/docgenericcas"
	hooks "github.com/idemlint/idemlint/testdata/handlers/etag/hooks"
	hookscas "github.com/idemlint/idemlint/testdata/handlers/etag/hookscas"
	leased "github.com/idemlint/idemlint/testdata/handlers/etag/leased"
	listcas "github.com/idemlint/idemlint/testdata/handlers/etag/listcas"
	listwild "github.com/idemlint/idemlint/testdata/handlers/etag/listwild"
	metadata "github.com/idemlint/idemlint/testdata/handlers/etag/metadata"
	metadatacas "github.com/idemlint/idemlint/testdata/handlers/etag/metadatacas"
	mustexist "github.com/idemlint/idemlint/testdata/handlers/etag/mustexist"
)

// In these worlds two messages change one document, each another entry of it, so that two
// workers meet there and a lost update shows. Two messages for one entry are another
// story, of which no ETag knows: an old one whose delete was lost comes back and sets its
// value over that of the newer one. Most of the clean cases break then (cartcas,
// mustexist, orderscas, propsfirst, rostercas, stockcas, upsertcas), and no check reports
// it, since no line of a handler tells that two messages are for the same entry.
var _ = add(
	subject{
		name: "etag/blindretry",
		world: explore.World{
			Queue: "entries",
			Messages: []string{
				`{"language":"de","term":"queue","meaning":"Schlange"}`,
				`{"language":"de","term":"lease","meaning":"Pacht"}`,
			},
			Before: blobs(map[string]string{"glossaries/de.json": "{}"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			e := &blindretry.Editor{Entries: in.Queue("entries"), Glossaries: containerOf(in, "glossaries")}
			return e.Edit(ctx)
		},
	},
	subject{
		name: "etag/cart",
		world: explore.World{
			Queue: "prices",
			Messages: []string{
				`{"Shop":"s1","Cart":"c1","SKU":"mug","Cents":899}`,
				`{"Shop":"s1","Cart":"c1","SKU":"tea","Cents":450}`,
			},
			Before: rows(map[string]string{"carts/s1/c1": `{"Prices":"{}","Applied":""}`}),
			// Who was last is not what counts here, but whether a price is lost.
			Mask: func(_, value string) string { return etagApplied.ReplaceAllString(value, "Applied=") },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return cart.Poll(ctx, in.Queue("prices"), in.Tables.NewClient("carts"), slog.Default())
		},
	},
	subject{
		name: "etag/cartcas",
		world: explore.World{
			Queue: "prices",
			Messages: []string{
				`{"shop":"s1","cart":"c1","sku":"mug","cents":899}`,
				`{"shop":"s1","cart":"c1","sku":"tea","cents":450}`,
			},
			Before: rows(map[string]string{"carts/s1/c1": `{"Prices":"{}"}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := cartcas.Consume(ctx, in.Queue("prices"), in.Tables.NewClient("carts"))
			return err
		},
	},
	subject{
		name: "etag/counter",
		world: explore.World{
			Queue: "visits", Messages: []string{"home", "home"},
			Before: blobs(map[string]string{"counters/visits.txt": "5"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return counter.Run(ctx, in.Queue("visits"), in.Storage())
		},
	},
	subject{
		name: "etag/counteretag",
		world: explore.World{
			Queue: "visits", Messages: []string{"home"},
			Before: blobs(map[string]string{"counters/visits.txt": "5"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return counteretag.Run(ctx, in.Queue("visits"), in.Storage())
		},
	},
	subject{
		// No write succeeds, since the version is another row's, and, before that, since
		// UpdateEntityOptions without UpdateMode are refused by aztables itself: the message
		// is never settled.
		name: "etag/crossetag",
		world: explore.World{
			Queue: "assignments", Messages: []string{`{"depot":"d1","delivery":"tour-1","driver":"ida"}`},
			Before: rows(map[string]string{
				"deliveries/d1/tour-1": `{"Driver":"","State":"open","Stops":"a,b"}`,
				"drivers/d1/ida":       `{"Name":"Ida","Route":"north"}`,
			}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			crossetag.Main(ctx, in.Queue("assignments"), in.Tables)
			return nil
		},
	},
	subject{
		name: "etag/docgeneric",
		world: explore.World{
			Queue: "subscriptions",
			Messages: []string{
				`{"customer":"c1","topic":"news","on":true}`,
				`{"customer":"c1","topic":"sport","on":true}`,
			},
			Before: blobs(map[string]string{"docs/customers/c1/subscriptions.json": `{"customer":"c1","topics":{}}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return docgeneric.Subscribe(ctx, in.Queue("subscriptions"), in.Storage(), "docs")
		},
	},
	subject{
		name: "etag/docgenericcas",
		world: explore.World{
			Queue: "subscriptions",
			Messages: []string{
				`{"customer":"c1","topic":"news","on":true,"seq":1}`,
				`{"customer":"c1","topic":"news","on":false,"seq":2}`,
			},
			Before: blobs(map[string]string{"docs/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			store := docgenericcas.Store[docgenericcas.Subscriptions]{Client: in.Storage(), Bucket: "docs"}
			return docgenericcas.Subscribe(ctx, in.Queue("subscriptions"), store)
		},
	},
	subject{name: "etag/flush", unplayable: onServiceBus},
	subject{name: "etag/flushcas", unplayable: onServiceBus},
	subject{
		// What the missing version loses are tags that another program sets meanwhile. What is
		// played here is an old command that comes back over a newer one.
		name:  "etag/hooks",
		world: etagFleet(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			return hooks.Serve(ctx, queueV1(in, "commands"), in.Tables.NewClient("devices"))
		},
	},
	subject{
		name:  "etag/hookscas",
		world: etagFleet(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			return hookscas.Run(ctx, queueV1(in, "commands"), in.Tables.NewClient("devices"))
		},
		differs: "silent by design: two messages set the same device, an old one whose delete was lost comes back and sets its value over the newer one; keys made of the message are taken for its own",
	},
	subject{
		name: "etag/leased",
		world: explore.World{
			Queue: "reports",
			Messages: []string{
				`{"match":"m1","minute":10,"goals":{"home":1}}`,
				`{"match":"m1","minute":20,"goals":{"home":2}}`,
			},
			Before: blobs(map[string]string{"matches/m1": `{"match":"m1","minute":0,"goals":{}}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&leased.Keeper{Reports: in.Queue("reports"), Matches: containerOf(in, "matches")}).Keep(ctx)
		},
	},
	subject{name: "etag/ledger", unplayable: onServiceBus},
	subject{name: "etag/ledgercas", unplayable: onServiceBus},
	subject{
		name: "etag/listcas",
		world: explore.World{
			Queue: "archived", Messages: []string{`{"project":"p1"}`, `{"project":"p1"}`},
			Before: etagTasks,
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return listcas.Run(ctx, in.Queue("archived"), in.Tables.NewClient("tasks"))
		},
	},
	subject{
		name: "etag/listwild",
		world: explore.World{
			Queue: "archived", Messages: []string{`{"project":"p1"}`, `{"project":"p1"}`},
			Before: etagTasks,
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return listwild.New(in.Queue("archived"), in.Tables.NewClient("tasks")).Sweep(ctx)
		},
		differs: "not played: what is lost is the change that somebody else makes to a task between the list and the write, and in this world only the handler itself writes tasks, always the same",
	},
	subject{
		name:  "etag/metadata",
		world: etagPhotos(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			return metadata.New(in.Queue("classified"), in.Blobs, slog.Default()).Batch(ctx)
		},
	},
	subject{
		name:  "etag/metadatacas",
		world: etagPhotos(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			return metadatacas.Run(ctx, in.Queue("classified"), in.Storage())
		},
	},
	subject{name: "etag/mixup", unplayable: onServiceBus},
	subject{
		name: "etag/mustexist",
		world: explore.World{
			Queue: "delivered",
			Messages: []string{
				`{"depot":"d1","parcel":"p1","signedBy":"Ida","at":"2026-03-01T10:00:00Z"}`,
				`{"depot":"d1","parcel":"p2","signedBy":"Mia","at":"2026-03-01T11:00:00Z"}`,
			},
			Before: rows(map[string]string{"parcels/d1/p1": `{"State":"out"}`, "parcels/d1/p2": `{"State":"out"}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return mustexist.Note(ctx, in.Queue("delivered"), in.Tables.NewClient("parcels"))
		},
	},
)

// etagApplied is the column of a cart that names the last message.
var etagApplied = regexp.MustCompile(`Applied=[^,]*`)

// etagFleet is a world of devices, of which one tells twice what it runs.
func etagFleet() explore.World {
	return explore.World{
		Queue: "commands",
		Messages: []string{
			`{"fleet":"f1","device":"d1","firmware":"1.1"}`,
			`{"fleet":"f1","device":"d1","firmware":"1.2"}`,
		},
		Before: rows(map[string]string{"devices/f1/d1": `{"Firmware":"1.0","Tags":"lab"}`}),
	}
}

var etagTasks = rows(map[string]string{
	"tasks/p1/t1": `{"Title":"paint","Assignee":"Ida","State":"open"}`,
	"tasks/p1/t2": `{"Title":"sweep","Assignee":"Mia","State":"open"}`,
	"tasks/p2/t3": `{"Title":"build","Assignee":"Tom","State":"open"}`,
})

// etagPhotos is a world of one photo in which two classifiers found something. Their
// labels begin with a capital, as http.Header makes it: "tree" would come back as "Tree",
// and the handlers would write both, which the service joins. That is another story.
func etagPhotos() explore.World {
	return explore.World{
		Queue: "classified",
		Messages: []string{
			`{"album":"alps","photo":"1.jpg","labels":{"Tree":"yes"}}`,
			`{"album":"alps","photo":"1.jpg","labels":{"Lake":"yes"}}`,
		},
		Before: blobs(map[string]string{"alps/1.jpg": "pixels"}),
	}
}
