package agreement

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
	ordersdomain "github.com/idemlint/idemlint/testdata/handlers/etag/orders/domain"
	ordersstore "github.com/idemlint/idemlint/testdata/handlers/etag/orders/store"
	ordersworker "github.com/idemlint/idemlint/testdata/handlers/etag/orders/worker"
	orderscasapp "github.com/idemlint/idemlint/testdata/handlers/etag/orderscas/app"
	orderscasdomain "github.com/idemlint/idemlint/testdata/handlers/etag/orderscas/domain"
	orderscasrepo "github.com/idemlint/idemlint/testdata/handlers/etag/orderscas/infra/blobrepo"
	"github.com/idemlint/idemlint/testdata/handlers/etag/outline"
	outlinecas "github.com/idemlint/idemlint/testdata/handlers/etag/outlinecas"
	playlists "github.com/idemlint/idemlint/testdata/handlers/etag/playlists/worker"
	playlistscas "github.com/idemlint/idemlint/testdata/handlers/etag/playlistscas/curator"
	propsfirst "github.com/idemlint/idemlint/testdata/handlers/etag/propsfirst"
	relocate "github.com/idemlint/idemlint/testdata/handlers/etag/relocate"
	rosterstore "github.com/idemlint/idemlint/testdata/handlers/etag/roster/rosterstore"
	roster "github.com/idemlint/idemlint/testdata/handlers/etag/roster/worker"
	"github.com/idemlint/idemlint/testdata/handlers/etag/rostercas/planning"
	seats "github.com/idemlint/idemlint/testdata/handlers/etag/seats"
	seatscas "github.com/idemlint/idemlint/testdata/handlers/etag/seatscas"
	stalecontent "github.com/idemlint/idemlint/testdata/handlers/etag/stalecontent"
	stock "github.com/idemlint/idemlint/testdata/handlers/etag/stock"
	stockcas "github.com/idemlint/idemlint/testdata/handlers/etag/stockcas"
	upsertcas "github.com/idemlint/idemlint/testdata/handlers/etag/upsertcas"
)

// See etag_test.go for what these worlds have in common.
var _ = add(
	subject{
		// Its main is the wiring alone; see the handler below.
		name: "etag/orders",
		world: explore.World{
			Queue: "parcel-events",
			Messages: []string{
				`{"Order":"o1","Parcel":"a","State":"delivered"}`,
				`{"Order":"o1","Parcel":"b","State":"delivered"}`,
			},
			Before: blobs(map[string]string{"shop/orders/o1.json": `{"id":"o1","parcels":{"a":"sent","b":"sent"},"closed":false}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			svc := ordersdomain.NewService(ordersstore.NewBlobs(in.Storage(), "shop"))
			cfg := ordersworker.Config{Idle: time.Second, Visibility: 2 * time.Minute}
			return ordersworker.New(cfg, in.Queue("parcel-events"), svc).Run(ctx)
		},
	},
	subject{
		name: "etag/orderscas",
		world: explore.World{
			Queue: "parcels",
			Messages: []string{
				`{"OrderID":"o1","ParcelID":"a","State":"delivered"}`,
				`{"OrderID":"o1","ParcelID":"b","State":"delivered"}`,
			},
			Before: blobs(map[string]string{"orders/o1": `{"ID":"o1","Parcels":{"a":"sent","b":"sent"}}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			repo := orderscasrepo.New(containerOf(in, "orders"))
			c := &orderscasapp.Consumer{Queue: in.Queue("parcels"), Handler: orderscasdomain.Handler{Repo: repo}}
			return c.Drain(ctx)
		},
	},
	subject{
		name:  "etag/outline",
		world: etagSections(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			return outline.Process(ctx, in.Queue("edits"), in.Storage())
		},
	},
	subject{
		name:  "etag/outlinecas",
		world: etagSections(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&outlinecas.Outliner{Sections: containerOf(in, "sections"), Edits: in.Queue("edits")}).Poll(ctx)
		},
	},
	subject{
		name: "etag/playlists",
		world: explore.World{
			Queue: "tracks",
			Messages: []string{
				`{"playlist":"mix","track":"t1","position":1}`,
				`{"playlist":"mix","track":"t2","position":2}`,
			},
			Before: blobs(map[string]string{"media/playlists/mix": "[]"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return playlists.New(in.Queue("tracks"), in.Storage()).Serve(ctx)
		},
	},
	subject{
		name: "etag/playlistscas",
		world: explore.World{
			Queue:    "requests",
			Messages: []string{`{"List":"mix","Track":"t1"}`, `{"List":"mix","Track":"t2"}`},
			Before:   etagMix,
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return playlistscas.Run(ctx, in.Queue("requests"), in.Tables.NewClient("media"))
		},
	},
	subject{name: "etag/profile", unplayable: dialsItself},
	subject{
		name:  "etag/propsfirst",
		world: etagTrains(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&propsfirst.Handler{Queue: in.Queue("built"), Trains: containerOf(in, "releases")}).Handle(ctx)
		},
	},
	subject{name: "etag/quota", unplayable: onCosmos},
	subject{name: "etag/quotacas", unplayable: onCosmos},
	subject{
		name: "etag/relocate",
		world: explore.World{
			Queue: "arrived",
			Messages: []string{
				`{"name":"a.txt","arrived":"2026-03-01T10:00:00Z","bytes":5}`,
				`{"name":"b.txt","arrived":"2026-03-01T11:00:00Z","bytes":5}`,
			},
			Before: blobs(map[string]string{"docs/inbox/a.txt": "hello", "docs/inbox/b.txt": "world"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return relocate.New(containerOf(in, "docs"), in.Queue("arrived")).Handle(ctx)
		},
	},
	subject{
		name: "etag/roster",
		world: explore.World{
			Queue:    "swaps",
			Messages: []string{`{"Ward":"w1","Day":"mon","Nurse":"Ida"}`, `{"Ward":"w1","Day":"tue","Nurse":"Mia"}`},
			Before:   blobs(map[string]string{"rosters/wards/w1": `{"ward":"w1","days":{"mon":"Tom","tue":"Tom"}}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			w := roster.Worker{Requests: in.Queue("swaps"), Rosters: rosterstore.Open(containerOf(in, "rosters"))}
			w.Run(ctx)
			return nil
		},
	},
	subject{
		// Its loop is a command's and cannot be called: Each stands for it around what the
		// case is about, package planning.
		name: "etag/rostercas",
		world: explore.World{
			Queue:    "swaps",
			Messages: []string{`{"Plan":"march","Shift":"mon","Person":"Ida"}`, `{"Plan":"march","Shift":"tue","Person":"Mia"}`},
			Before:   blobs(map[string]string{"plans/march": `{"shifts":{"mon":"Tom","tue":"Tom"}}`}),
		},
		handler: explore.Each(func(ctx context.Context, in *explore.Instance, m *azqueue.DequeuedMessage) error {
			var swap struct{ Plan, Shift, Person string }
			if err := json.Unmarshal([]byte(*m.MessageText), &swap); err != nil {
				return err
			}
			book := &planning.Book{Container: containerOf(in, "plans")}
			return book.Modify(ctx, swap.Plan, func(p *planning.Plan) { p.Shifts[swap.Shift] = swap.Person })
		}),
	},
	subject{
		name:  "etag/seats",
		world: etagShows(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			(&seats.Clerk{Requests: in.Queue("requests"), Shows: in.Tables.NewClient("shows")}).Open(ctx)
			return nil
		},
	},
	subject{
		name:  "etag/seatscas",
		world: etagShows(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := seatscas.Serve(ctx, in.Queue("requests"), in.Tables.NewClient("shows"))
			return err
		},
	},
	subject{
		name:  "etag/stalecontent",
		world: etagTrains(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			return stalecontent.Listen(ctx, in.Queue("built"), containerOf(in, "releases"))
		},
	},
	subject{
		name:  "etag/stock",
		world: etagShelves(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			w := &stock.StockWorker{
				Queue: in.Queue("counted"), Articles: in.Tables.NewClient("articles"),
				Log: slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo), Idle: time.Second,
			}
			w.Start(ctx)
			return nil
		},
	},
	subject{
		name:  "etag/stockcas",
		world: etagShelves(),
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := stockcas.NewBooker(in.Queue("counted"), in.Tables.NewClient("articles")).Next(ctx)
			return err
		},
	},
	subject{name: "etag/tags", unplayable: dialsItself},
	subject{name: "etag/tickets", unplayable: onCosmos},
	subject{name: "etag/ticketscas", unplayable: onCosmos},
	subject{
		name: "etag/upsertcas",
		world: explore.World{
			Queue: "votes",
			Messages: []string{
				`{"Poll":"logo","Voter":"ida","Choice":"red"}`,
				`{"Poll":"logo","Voter":"mia","Choice":"blue"}`,
			},
			Before: tables("polls"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return upsertcas.Count(ctx, in.Queue("votes"), in.Tables.NewClient("polls"))
		},
	},
)

// etagSections is a world of a book with one chapter, of which two sections are edited.
func etagSections() explore.World {
	return explore.World{
		Queue:    "edits",
		Messages: []string{`{"section":"s1","parent":"chapter"}`, `{"section":"s2","parent":"chapter"}`},
		Before: blobs(map[string]string{
			"sections/book":    `{"id":"book","stale":{}}`,
			"sections/chapter": `{"id":"chapter","parent":"book","stale":{}}`,
		}),
	}
}

// etagMix is an empty playlist.
func etagMix(ctx context.Context, in *explore.Instance) error {
	if _, err := in.Tables.CreateTable(ctx, "media", nil); err != nil {
		return err
	}
	row, err := json.Marshal(struct {
		PartitionKey, RowKey string
		Data                 []byte
	}{"playlists", "mix", []byte("[]")})
	if err != nil {
		return err
	}
	_, err = in.Tables.NewClient("media").AddEntity(ctx, row, nil)
	return err
}

// etagTrains is a world of a release train, of which two packages are built.
func etagTrains() explore.World {
	return explore.World{
		Queue: "built",
		Messages: []string{
			`{"train":"north","package":"p1","version":"1.0"}`,
			`{"train":"north","package":"p2","version":"2.0"}`,
		},
		Before: blobs(map[string]string{"releases/trains/north.json": `{"train":"north","packages":{}}`}),
	}
}

// etagShows is a world in which two guests want the same seat.
func etagShows() explore.World {
	return explore.World{
		Queue: "requests",
		Messages: []string{
			`{"show":"hamlet","seat":"A1","guest":"Ida"}`,
			`{"show":"hamlet","seat":"A1","guest":"Mia"}`,
		},
		Before: rows(map[string]string{"shows/hamlet/plan": `{"Seats":"{}"}`}),
	}
}

// etagShelves is a world in which two shelves with the same article are counted.
func etagShelves() explore.World {
	return explore.World{
		Queue: "counted",
		Messages: []string{
			`{"site":"s1","article":"mug","shelves":{"top":3}}`,
			`{"site":"s1","article":"mug","shelves":{"low":4}}`,
		},
		Before: rows(map[string]string{"articles/s1/mug": `{"Shelves":"{\"top\":1,\"low\":1}"}`}),
	}
}
