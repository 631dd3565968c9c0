package agreement

import (
	"context"
	"net/http"
	"time"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/outbox"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/popper"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/putback"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/renewer"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/revoke"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/scanstage"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/scratch"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/sink"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/threeways"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/tiles"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/timer"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/twins"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/typing"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/verdictchan"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/waitslate"
	"github.com/idemlint/idemlint/testdata/handlers/earlydelete/workerdeletes"
)

var _ = add(
	subject{
		name: "earlydelete/outbox",
		world: explore.World{
			Queue: "letters", Messages: []string{`{"letter":"l-88","text":"Dear Sir"}`, `{"letter":"l-89","text":"Dear Madam"}`},
			Before: tables("outbox"),
			Limits: explore.Limits{Schedules: 60},
		},
		// Rounds are made whether there are messages or not: that is how the outbox is emptied.
		handler: func(ctx context.Context, in *explore.Instance) error {
			c := &outbox.Clerk{
				Letters: in.Queue("letters"), Outbox: in.Tables.NewClient("outbox"),
				HTTP: in.HTTP(), Shop: "https://shop.example",
			}
			for ctx.Err() == nil {
				_ = c.Round(ctx)
				time.Sleep(2 * time.Minute)
			}
			return ctx.Err()
		},
	},
	subject{
		name:    "earlydelete/popper",
		differs: "known miss: the queue behind the house's interface deletes as it receives, and returns the text alone",
		world: explore.World{
			Queue: "exams", Messages: []string{`{"student":"s-12","course":"go"}`, `{"student":"s-13","course":"go"}`},
			Before: blobs(map[string]string{"certificates/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return popper.NewPrinter(in.Queue("exams"), in.Storage()).PrintAll(ctx)
		},
	},
	subject{
		name: "earlydelete/putback",
		world: explore.World{
			Queue: "drawings", Messages: []string{`{"drawing":"d-6","format":"svg"}`, `{"drawing":"d-7","format":"svg"}`},
			Before: blobs(map[string]string{"converted/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return putback.New(queueV1(in, "drawings"), in.Storage()).Next(ctx)
		},
	},
	subject{
		name: "earlydelete/renewer",
		world: explore.World{
			Queue: "genomes", Messages: []string{`{"genome":"g-2","reads":4}`, `{"genome":"g-3","reads":1}`},
			// Longer than the time to the first renewal.
			Outside: func() http.Handler {
				return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(30 * time.Second) })
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&renewer.Sequencer{Queue: in.Queue("genomes"), HTTP: in.HTTP(), Lab: "https://lab.example"}).Sequence(ctx)
		},
	},
	subject{
		name: "earlydelete/revoke",
		world: explore.World{
			Queue: "revocations", Messages: []string{`{"user":"u-2","session":"s-1"}`, `{"user":"u-2","session":"s-2"}`},
			Before: rows(map[string]string{"sessions/u-2/s-1": "{}", "sessions/u-2/s-2": "{}", "sessions/u-2/s-3": "{}"}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return revoke.New(in.Queue("revocations"), in.Tables.NewClient("sessions"), in.HTTP(), "https://gateway.example").Revoke(ctx)
		},
	},
	subject{
		name: "earlydelete/scanstage",
		world: explore.World{
			Queue: "pages", Messages: []string{`{"page":"b1-004","text":"lorem ipsum"}`, `{"page":"b1-005","text":"dolor"}`},
			Before: before(queues("index"), blobs(map[string]string{"texts/": ""})),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return scanstage.Run(ctx, queueV1(in, "pages"), queueV1(in, "index"), containerOf(in, "texts"))
		},
	},
	subject{
		name: "earlydelete/scratch",
		world: explore.World{
			Queue: "reports", Messages: []string{`{"report":"rp-2","lines":["one","two"]}`, `{"report":"rp-3","lines":["three"]}`},
			Before: blobs(map[string]string{"reports/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&scratch.Renderer{Queue: in.Queue("reports"), Reports: containerOf(in, "reports")}).Render(ctx)
		},
	},
	subject{
		name:    "earlydelete/sink",
		differs: "known miss: a sink keeps the rows in memory and writes every tenth time; what is added is deleted before",
		world: explore.World{
			Queue: "clicks", Messages: []string{`{"session":"se-1","seq":4,"page":"/home"}`, `{"session":"se-1","seq":5,"page":"/cart"}`},
			Before: tables("clicks"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return sink.Drain(ctx, in.Queue("clicks"), in.Tables.NewClient("clicks"))
		},
	},
	subject{
		name: "earlydelete/threeways",
		world: explore.World{
			Queue: "devices", Messages: []string{`{"device":"dev-4","model":"X1","site":"zrh"}`, `{"device":"dev-5","model":"X2","site":"zrh"}`},
			Before: before(tables("devices"), blobs(map[string]string{"devices/": ""})),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			g := &threeways.Registry{
				Queue: queueV1(in, "devices"), Devices: in.Tables.NewClient("devices"), Blobs: in.Storage(),
				HTTP: in.HTTP(), Site: "https://site.example",
			}
			return g.Register(ctx)
		},
	},
	subject{
		name: "earlydelete/tiles",
		world: explore.World{
			Queue: "sheets", Messages: []string{`{"sheet":"alps","tiles":["0-0","0-1","1-0"]}`, `{"sheet":"jura","tiles":["0-0"]}`},
			Before: blobs(map[string]string{"tiles/": ""}),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&tiles.Cutter{Sheets: in.Queue("sheets"), Tiles: containerOf(in, "tiles")}).Cut(ctx)
		},
	},
	subject{
		name: "earlydelete/timer",
		world: explore.World{
			Queue: "appointments", Messages: []string{
				`{"appointment":"a-20","phone":"555","seconds":20}`, `{"appointment":"a-21","phone":"556","seconds":5}`,
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&timer.Reminder{Queue: in.Queue("appointments"), HTTP: in.HTTP(), SMS: "https://sms.example"}).Schedule(ctx)
		},
	},
	subject{
		name: "earlydelete/twins",
		world: explore.World{
			Queue: "answers", Messages: []string{
				`{"survey":"su-1","person":"pe-5","answer":"yes"}`, `{"survey":"su-1","person":"pe-5","answer":"yes"}`,
				`{"survey":"su-1","person":"pe-6","answer":"no"}`,
			},
			Before: tables("answers"),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&twins.Answers{Queue: in.Queue("answers"), Table: in.Tables.NewClient("answers")}).Round(ctx)
		},
	},
	subject{
		name:    "earlydelete/typing",
		differs: atMostOnce,
		world: explore.World{
			Queue: "typing", Messages: []string{`{"room":"r-1","user":"u-8"}`, `{"room":"r-1","user":"u-9"}`},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&typing.Indicator{Queue: in.Queue("typing"), HTTP: in.HTTP(), Chat: "https://chat.example"}).Show(ctx)
		},
	},
	subject{
		name: "earlydelete/verdictchan",
		world: explore.World{
			Queue: "uploads", Messages: []string{`{"upload":"up-7","sha":"00ff"}`, `{"upload":"up-8","sha":"ff00"}`},
			Before: tables("verdicts"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&verdictchan.Scanner{Uploads: queueV1(in, "uploads"), Verdicts: in.Tables.NewClient("verdicts")}).Scan(ctx)
		},
	},
	subject{
		name: "earlydelete/waitslate",
		world: explore.World{
			Queue: "changes", Messages: []string{`{"isbn":"978-1","title":"Dune"}`, `{"isbn":"978-2","title":"Emma"}`},
			Before: tables("catalogue"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return waitslate.Mirror(ctx, queueV1(in, "changes"), in.Tables.NewClient("catalogue"))
		},
	},
	subject{
		name: "earlydelete/workerdeletes",
		world: explore.World{
			Queue: "exams", Messages: []string{`{"exam":"ex-31","points":27}`, `{"exam":"ex-32","points":3}`},
			Before: tables("grades"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&workerdeletes.Grader{Exams: in.Queue("exams"), Grades: in.Tables.NewClient("grades")}).Run(ctx, 2)
		},
	},
)
