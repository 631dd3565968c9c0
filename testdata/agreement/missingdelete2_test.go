package agreement

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/explore"
	sensors "github.com/idemlint/idemlint/testdata/handlers/missingdelete/enumresult"
	claims "github.com/idemlint/idemlint/testdata/handlers/missingdelete/errorsleave"
	surveys "github.com/idemlint/idemlint/testdata/handlers/missingdelete/gatherall"
	jobs "github.com/idemlint/idemlint/testdata/handlers/missingdelete/genericdone"
	badges "github.com/idemlint/idemlint/testdata/handlers/missingdelete/genericwrapper"
	postcards "github.com/idemlint/idemlint/testdata/handlers/missingdelete/goroutineok"
	translate "github.com/idemlint/idemlint/testdata/handlers/missingdelete/goroutinepath"
	contracts "github.com/idemlint/idemlint/testdata/handlers/missingdelete/inhousequeue"
	"github.com/idemlint/idemlint/testdata/handlers/missingdelete/inhousequeue/mq"
	fines "github.com/idemlint/idemlint/testdata/handlers/missingdelete/labelledok"
	reminders "github.com/idemlint/idemlint/testdata/handlers/missingdelete/notyetdue"
	dispatch "github.com/idemlint/idemlint/testdata/handlers/missingdelete/onearm"
	payroll "github.com/idemlint/idemlint/testdata/handlers/missingdelete/poisonqueue"
	warranty "github.com/idemlint/idemlint/testdata/handlers/missingdelete/queueiface"
	router "github.com/idemlint/idemlint/testdata/handlers/missingdelete/routetable"
	complaints "github.com/idemlint/idemlint/testdata/handlers/missingdelete/storeiface"
	votes "github.com/idemlint/idemlint/testdata/handlers/missingdelete/tabletally"
	thumbs "github.com/idemlint/idemlint/testdata/handlers/missingdelete/thumbnaildrop"
	catalog "github.com/idemlint/idemlint/testdata/handlers/missingdelete/typeswitch"
	retention "github.com/idemlint/idemlint/testdata/handlers/missingdelete/workerpool"
)

var _ = add(
	subject{
		name: "missingdelete/enumresult",
		world: explore.World{
			Queue: "readings", Messages: []string{`{"sensor":"s-1","seq":"1","value":2.5}`, `{"sensor":"s-1","seq":"2","test":true}`},
			Before: tables("readings"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			sensors.Collect(ctx, in.Queue("readings"), in.Tables.NewClient("readings"), slog.Default())
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/errorsleave",
		world: explore.World{
			Queue: "claims", Messages: []string{`{"Policy":"po-1","Text":"hail"}`, `{"Policy":"po-1","Text":"flood"}`},
			Before: before(tables("claims"), blobs(map[string]string{"claims/": ""})),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			claims.Intake{Queue: in.Queue("claims"), Files: in.Storage(), Index: in.Tables.NewClient("claims")}.Run(ctx)
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/gatherall",
		world: explore.World{
			Queue: "surveys", Messages: []string{"tea\nyes", "tea\nno"},
			Before: blobs(map[string]string{"answers/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return surveys.Batch(ctx, in.Queue("surveys"), containerOf(in, "answers"))
		},
	},
	subject{
		name: "missingdelete/genericdone",
		world: explore.World{
			Queue: "positions", Messages: []string{`{"Vehicle":"v-1","Lat":47.4,"Lon":8.5}`, `{"Vehicle":"v-2","Lat":46.9,"Lon":7.4}`},
			Before: blobs(map[string]string{"tracks/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return jobs.TrackVehicles(ctx, in.Queue("positions"), containerOf(in, "tracks"), make(chan string, 8))
		},
	},
	subject{
		name: "missingdelete/genericwrapper",
		world: explore.World{
			// Who has no name is buried at the fifth delivery.
			Queue: "visitors", Messages: []string{`{"name":"Ada","host":"Bob"}`, `{"host":"Bob"}`},
			Before: blobs(map[string]string{"badges/": ""}),
			Poison: "visitors-buried",
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return badges.Print(ctx, in.Queue("visitors"), in.Queue("visitors-buried"), in.Storage())
		},
	},
	subject{
		name: "missingdelete/goroutineok",
		world: explore.World{
			Queue: "cards", Messages: []string{"Hello\n---\nfrom Bern", "Bye"},
			Before: blobs(map[string]string{"cards/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&postcards.Press{Cards: in.Queue("cards"), Out: containerOf(in, "cards")}).Batch(ctx)
		},
	},
	subject{
		name: "missingdelete/goroutinepath",
		world: explore.World{
			Queue: "translations", Messages: []string{`{"Lang":"de","Terms":{"tea":"Tee"},"Text":"Tee"}`, `{"Lang":"de","Text":"Ja"}`},
			Before: blobs(map[string]string{"pages-de/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return translate.NewTranslator(in.Queue("translations"), in.Storage(), 2).Round(ctx)
		},
	},
	subject{
		name: "missingdelete/inhousequeue",
		world: explore.World{
			Queue: "contracts", Messages: []string{`%PDF-1.7 one`, `a letter`},
			Before: blobs(map[string]string{"contracts/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return contracts.NewArchiverOn(mq.On(in.Queue("contracts"), 2*time.Minute), in.Storage()).Loop(ctx)
		},
	},
	subject{
		name: "missingdelete/labelledok",
		world: explore.World{
			Queue: "fines", Messages: []string{`{"Plate":"ZH1","Photos":["front","back"]}`, `{"Plate":"ZH2","Waived":true}`},
			Before: blobs(map[string]string{"fines/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			fines.Collect(ctx, in.Queue("fines"), containerOf(in, "fines"))
			return ctx.Err()
		},
	},
	subject{
		name: "missingdelete/notyetdue",
		world: explore.World{
			// The second is due ten minutes after the start.
			Queue: "reminders", Messages: []string{
				`{"user":"ada","due":"1999-12-31T00:00:00Z","text":"pay"}`,
				`{"user":"bob","due":"2000-01-01T00:10:00Z","text":"call"}`,
			},
			Before: tables("due"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return reminders.NewDesk(in.Queue("reminders"), in.Tables.NewClient("due")).Turn(ctx)
		},
	},
	subject{
		name: "missingdelete/onearm",
		world: explore.World{
			Queue: "transport", Messages: []string{`{"region":"west","express":true}`, `{"region":"west","express":false}`},
			Before: tables("express", "standard"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			d := dispatch.NewDispatcherOn(in.Queue("transport"), in.Tables.NewClient("express"), in.Tables.NewClient("standard"))
			return d.Step(ctx)
		},
	},
	subject{
		name: "missingdelete/poisonqueue",
		world: explore.World{
			Queue: "payroll", Messages: []string{`slip 1`, `slip 2`},
			Before: blobs(map[string]string{"slips/": ""}),
			Poison: "payroll-poison",
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return payroll.Process(ctx, in.Queue("payroll"), in.Queue("payroll-poison"), containerOf(in, "slips"))
		},
	},
	subject{
		name: "missingdelete/queueiface",
		world: explore.World{
			Queue: "warranty", Messages: []string{`TEST claim`, `broken`},
			Before: blobs(map[string]string{"warranty/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return warranty.NewService(queueV1(in, "warranty"), in.Storage()).Run(ctx)
		},
	},
	subject{name: "missingdelete/recvanddelete", unplayable: onServiceBus},
	subject{
		name: "missingdelete/routetable",
		world: explore.World{
			Queue: "events", Messages: []string{`{"kind":"paid","data":{"order":1}}`, `{"kind":"ping"}`, `{"kind":"shipped"}`},
			Before: tables("events"),
			Poison: "events-poison",
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return router.New(in.Queue("events"), in.Queue("events-poison"), in.Tables.NewClient("events")).Route(ctx)
		},
	},
	subject{
		name: "missingdelete/storeiface",
		world: explore.World{
			Queue: "complaints", Messages: []string{`{"order":"o-1","text":"late"}`, `{"order":"o-2","text":"buy!","spam":true}`},
			Before: tables("complaints"),
			Poison: "complaints-poison",
			// A complaint that is stored is settled, and not for somebody to look into.
			Property: func(s explore.State) error {
				if len(s.Tables["complaints"]) == 2 && len(s.Poison) > 0 {
					return fmt.Errorf("stored, and all the same in the poison queue: %s", s.Poison[0])
				}
				return nil
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			w := &complaints.Worker{
				In: in.Queue("complaints"), Poison: in.Queue("complaints-poison"),
				Store: complaints.NewStore(in.Tables.NewClient("complaints")), Report: func(string) {},
			}
			_, err := w.Once(ctx)
			return err
		},
	},
	subject{name: "missingdelete/switchkind", unplayable: onServiceBus},
	subject{
		name: "missingdelete/tabletally",
		world: explore.World{
			Queue: "ballots", Messages: []string{`lunch=pizza`, `lunch=soup`},
			Before: rows(map[string]string{"polls/poll/lunch": `{"pizza":3,"soup":4}`}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return votes.NewCounter(in.Queue("ballots"), in.Tables.NewClient("polls")).Count(ctx)
		},
	},
	subject{
		name: "missingdelete/thumbnaildrop",
		world: explore.World{
			Queue: "thumbs", Messages: []string{`cat.png`, `dog.png`},
			Before: blobs(map[string]string{"pictures/cat.png": smallPicture, "pictures/dog.png": smallPicture, "thumbnails/": ""}),
			Limits: explore.Limits{Schedules: 50}, // each draws pictures
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return thumbs.Shrink(ctx, in.Queue("thumbs"), in.Storage())
		},
	},
	subject{
		name: "missingdelete/typeswitch",
		world: explore.World{
			Queue: "articles", Messages: []string{
				`{"Kind":"added","Data":{"SKU":"a-1","Title":"Cup"}}`,
				`{"Kind":"price","Data":{"SKU":"a-1","Cents":900}}`,
			},
			Before: blobs(map[string]string{"added/": "", "prices/": "", "renamed/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&catalog.Projector{Queue: in.Queue("articles"), Docs: in.Storage(), Log: slog.Default()}).Drain(ctx)
		},
	},
	subject{
		name: "missingdelete/workerpool",
		world: explore.World{
			Queue: "inbox", Messages: []string{`{"Class":"hot","Doc":{"n":1}}`, `{"Class":"archive","Doc":{"n":2}}`},
			Before: blobs(map[string]string{"archive/": "", "hot/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			p := &retention.Pool{Inbox: in.Queue("inbox"), Hot: containerOf(in, "hot"), Archive: containerOf(in, "archive"), Workers: 2}
			p.Start(ctx)
			return ctx.Err()
		},
	},
)

// smallPicture is a PNG of four by four pixels.
var smallPicture = func() string {
	var b strings.Builder
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 4, 4))); err != nil {
		panic(err)
	}
	return b.String()
}()
