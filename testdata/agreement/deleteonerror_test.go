package agreement

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/runtime/storage/table"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/allpermanent"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/badjson"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/badjsonlog"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/blank"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/capaside"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/closefail"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/closer"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/collector"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/conflictmine"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/deferdelete"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/deferflag"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/errarm"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/fallback"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/giveup"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/goals"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/gone"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/groupdropped"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/joined"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/lasterr"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/liveview"
)

var _ = add(
	subject{
		name:    "deleteonerror/allpermanent",
		differs: "known miss: errors are sorted by a helper that takes all but a deadline for permanent",
		world: explore.World{
			Queue: "requests", Messages: []string{`{"account":"ac-14","owner":"ada"}`, `{"account":"ac-15","owner":"bob"}`},
			Before: tables("accounts"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&allpermanent.Branch{Requests: in.Queue("requests"), Accounts: in.Tables.NewClient("accounts")}).Open(ctx)
		},
	},
	subject{
		name: "deleteonerror/badjson",
		world: explore.World{
			Queue: "orders", Messages: []string{`{"order":"o-1","amount":3}`, `no order`},
			Before: tables("orders", "rejected"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			i := &badjson.Intake{
				Queue: queueV1(in, "orders"), Orders: in.Tables.NewClient("orders"), Rejected: in.Tables.NewClient("rejected"),
			}
			return i.Take(ctx)
		},
	},
	subject{
		name: "deleteonerror/badjsonlog",
		world: explore.World{
			Queue: "links", Messages: []string{`{"short":"abc","long":"example"}`, `no link`},
			Before: blobs(map[string]string{"links/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&badjsonlog.Shortener{Queue: in.Queue("links"), Links: in.Storage(), Log: slog.Default()}).Shorten(ctx)
		},
	},
	subject{
		name: "deleteonerror/blank",
		world: explore.World{
			Queue: "hooks", Messages: []string{`{"event":"evt-5","type":"paid"}`, `{"event":"evt-6","type":"refunded"}`},
			Before: blobs(map[string]string{"audit/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := blank.Audit(ctx, queueV1(in, "hooks"), in.Storage())
			return err
		},
	},
	subject{name: "deleteonerror/busabandon", unplayable: onServiceBus},
	subject{name: "deleteonerror/busdeadletter", unplayable: onServiceBus},
	subject{name: "deleteonerror/busdeadthencomplete", unplayable: onServiceBus},
	subject{name: "deleteonerror/busdefer", unplayable: onServiceBus},
	subject{name: "deleteonerror/buserrarm", unplayable: onServiceBus},
	subject{name: "deleteonerror/busswallow", unplayable: onServiceBus},
	subject{
		name: "deleteonerror/capaside",
		world: explore.World{
			// The second fails at each delivery and is put aside at the fifth.
			Queue: "meals", Messages: []string{`{"flight":"LX1","seat":"12A","meal":"vegan"}`, `no meal`},
			Before: before(tables("meals"), blobs(map[string]string{"aside/": ""})),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&capaside.Kitchen{Orders: in.Queue("meals"), Meals: in.Tables.NewClient("meals"), Blobs: in.Storage()}).Cook(ctx)
		},
	},
	subject{
		name: "deleteonerror/closefail",
		world: explore.World{
			Queue: "documents", Messages: []string{`{"document":"do-41"}`, `{"document":"do-42"}`},
			Before: blobs(map[string]string{"documents/": ""}),
			Outside: func() http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "this is %s", r.URL.Path) })
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			t := &closefail.Taker{
				Queue: queueV1(in, "documents"), Documents: containerOf(in, "documents"),
				HTTP: in.HTTP(), Partner: "https://partner.example",
			}
			return t.Take(ctx)
		},
	},
	subject{
		name:    "deleteonerror/closer",
		differs: "known miss: the upload is in the Close of a writer, whose error a bare defer drops",
		world: explore.World{
			Queue: "chats", Messages: []string{`{"chat":"ch-2","lines":["hello","hi"]}`, `{"chat":"ch-3","lines":["bye"]}`},
			Before: blobs(map[string]string{"exports/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&closer.Exporter{Chats: queueV1(in, "chats"), Exports: containerOf(in, "exports")}).Export(ctx)
		},
	},
	subject{
		name:    "deleteonerror/collector",
		differs: "known miss: the error travels through a channel, in a field beside the message that is deleted",
		world: explore.World{
			Queue: "addresses", Messages: []string{`{"address":"ad-9","city":"Bern"}`, `{"address":"ad-10","city":"Chur"}`},
			Before: tables("places"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&collector.Geocoder{Addresses: in.Queue("addresses"), Places: in.Tables.NewClient("places")}).Round(ctx)
		},
	},
	subject{
		name: "deleteonerror/conflictmine",
		world: explore.World{
			Queue: "vouchers", Messages: []string{`{"shop":"sh-3","value":20}`, `{"shop":"sh-3","value":50}`},
			Before: tables("vouchers"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&conflictmine.Vouchers{Requests: in.Queue("vouchers"), Table: in.Tables.NewClient("vouchers")}).Issue(ctx)
		},
	},
	subject{
		name: "deleteonerror/deferdelete",
		world: explore.World{
			Queue: "passports", Messages: []string{`{"passport":"pp-1","photo":"AAEC"}`, `{"passport":"pp-2","photo":"AwQF"}`},
			Before: blobs(map[string]string{"photographs/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&deferdelete.Handler{Queue: in.Queue("passports"), Blobs: in.Storage()}).Poll(ctx)
		},
	},
	subject{
		name: "deleteonerror/deferflag",
		world: explore.World{
			Queue: "notes", Messages: []string{
				`{"song":"so-2","voice":"alto","notes":"cdefg"}`,
				`{"song":"so-2","voice":"bass","notes":"gfedc"}`,
			},
			Before: blobs(map[string]string{"choir/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&deferflag.Choir{Queue: in.Queue("notes"), Blobs: in.Storage()}).Rehearse(ctx)
		},
	},
	subject{
		name: "deleteonerror/errarm",
		world: explore.World{
			Queue: "refunds", Messages: []string{`{"refund":"rf-8","cents":1999}`, `{"refund":"rf-9","cents":500}`},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&errarm.Cashier{Refunds: queueV1(in, "refunds"), HTTP: in.HTTP(), Provider: "https://provider.example"}).Pay(ctx)
		},
	},
	subject{
		name: "deleteonerror/fallback",
		world: explore.World{
			Queue: "alarms", Messages: []string{`{"alarm":"alm-8","level":"high"}`, `{"alarm":"alm-9","level":"low"}`},
			Before: tables("north", "west"),
			// Readers look in both tables: it does not matter in which an alarm stands, nor whether in both.
			Property: func(s explore.State) error {
				for _, alarm := range []table.Key{{Partition: "high", Row: "alm-8"}, {Partition: "low", Row: "alm-9"}} {
					_, north := s.Tables["north"][alarm]
					_, west := s.Tables["west"][alarm]
					if !north && !west {
						return fmt.Errorf("alarm %s stands nowhere", alarm.Row)
					}
				}
				return nil
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			a := &fallback.Alarms{Queue: queueV1(in, "alarms"), North: in.Tables.NewClient("north"), West: in.Tables.NewClient("west")}
			return a.Keep(ctx)
		},
	},
	subject{
		name: "deleteonerror/giveup",
		world: explore.World{
			Queue: "rates", Messages: []string{`{"pair":"EURCHF","day":"2024-05-01","rate":"0.98"}`},
			Before: blobs(map[string]string{"rates/": ""}),
			Limits: explore.Limits{Faults: 3, Instances: 1, Schedules: 4000}, // a fault for each attempt
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&giveup.Rates{Queue: queueV1(in, "rates"), Blobs: in.Storage()}).Mirror(ctx)
		},
	},
	subject{
		name:    "deleteonerror/goals",
		differs: atMostOnce,
		world: explore.World{
			Queue: "goals", Messages: []string{`{"match":"ma-1","goal":2,"phone":"ph-7"}`, `{"match":"ma-1","goal":3,"phone":"ph-7"}`},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&goals.Pusher{Goals: in.Queue("goals"), HTTP: in.HTTP(), Push: "https://push.example"}).Next(ctx)
		},
	},
	subject{
		name: "deleteonerror/gone",
		world: explore.World{
			// The second picture is gone.
			Queue: "pictures", Messages: []string{`{"picture":"5d41402a"}`, `{"picture":"7d793037"}`},
			Before: blobs(map[string]string{"pictures/5d41402a": "hello", "thumbnails/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&gone.Thumbnailer{Queue: in.Queue("pictures"), Blobs: in.Storage()}).Next(ctx)
		},
	},
	subject{
		name: "deleteonerror/groupdropped",
		world: explore.World{
			Queue: "holidays", Messages: []string{
				`{"holiday":"ho-3","day":"2024-08-01","people":["ada","bob"]}`,
				`{"holiday":"ho-4","day":"2024-12-25","people":["ada"]}`,
			},
			Before: tables("calendars"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&groupdropped.Spreader{Queue: in.Queue("holidays"), Calendars: in.Tables.NewClient("calendars")}).Spread(ctx)
		},
	},
	subject{
		name: "deleteonerror/joined",
		world: explore.World{
			Queue: "timetables", Messages: []string{`{"line":"13","times":["0812","0824"]}`, `{"line":"14","times":["0900"]}`},
			Before: tables("rows"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&joined.Timetables{Queue: queueV1(in, "timetables"), Rows: in.Tables.NewClient("rows")}).Store(ctx)
		},
	},
	subject{
		name: "deleteonerror/lasterr",
		world: explore.World{
			Queue: "recipes", Messages: []string{
				`{"recipe":"re-12","name":"Rösti","text":"Grate."}`,
				`{"recipe":"re-13","name":"Raclette","text":"Melt."}`,
			},
			Before: before(tables("recipes"), blobs(map[string]string{"pages/": ""})),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&lasterr.Publisher{Queue: in.Queue("recipes"), Pages: containerOf(in, "pages"), List: in.Tables.NewClient("recipes")}).Publish(ctx)
		},
	},
	subject{
		name: "deleteonerror/liveview",
		world: explore.World{
			Queue: "scenes", Messages: []string{`{"scene":"sc-1","objects":["cube","ball"]}`, `{"scene":"sc-2","objects":["cone"]}`},
			Before: blobs(map[string]string{"scenes/": ""}),
			// The view shows the moment and keeps nothing.
			Ignore: func(name string) bool { return strings.HasPrefix(name, "PUT https://view.example/now/") },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			s := &liveview.Studio{
				Queue: in.Queue("scenes"), Scenes: containerOf(in, "scenes"), HTTP: in.HTTP(), View: "https://view.example",
			}
			return s.Render(ctx)
		},
	},
)
