package agreement

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/logandgo"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/logandreturn"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/nilresult"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/nostatus"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/okignored"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/onepart"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/poisonfirst"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/poisonlost"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/progress"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/requeue"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/retried"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/shadowed"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/shutdown"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/splitoff"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/swallowed"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/tempfile"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/warmup"
	"github.com/idemlint/idemlint/testdata/handlers/deleteonerror/wrapper"
)

var _ = add(
	subject{
		name: "deleteonerror/logandgo",
		world: explore.World{
			Queue: "statements", Messages: []string{
				`{"account":"ch-1","line":"0007","cents":-2500}`,
				`{"account":"ch-1","line":"0008","cents":100}`,
			},
			Before: tables("statements"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return logandgo.Statements(ctx, queueV1(in, "statements"), in.Tables.NewClient("statements"))
		},
	},
	subject{
		name: "deleteonerror/logandreturn",
		world: explore.World{
			Queue: "tickets", Messages: []string{`{"plate":"ZH1","zone":"4","until":"18:00"}`, `{"plate":"ZH2","zone":"4","until":"19:00"}`},
			Before: tables("tickets"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := logandreturn.NewMeter(in.Queue("tickets"), in.Tables.NewClient("tickets")).Run(ctx)
			return err
		},
	},
	subject{
		name: "deleteonerror/nilresult",
		world: explore.World{
			Queue: "entries", Messages: []string{
				`{"ship":"sh-1","day":"2024-05-01","entry":"calm"}`,
				`{"ship":"sh-1","day":"2024-05-02","entry":"storm"}`,
			},
			Before: blobs(map[string]string{"logbooks/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&nilresult.Harbour{Entries: in.Queue("entries"), Books: in.Storage()}).Serve(ctx)
		},
	},
	subject{
		name: "deleteonerror/nostatus",
		world: explore.World{
			Queue: "unsubscriptions", Messages: []string{`{"address":"ada","list":"weekly"}`},
			// The service is down when it is first told.
			Outside: func() http.Handler {
				told := 0
				return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
					if told++; told == 1 {
						w.WriteHeader(http.StatusServiceUnavailable)
					}
				})
			},
			Property: func(s explore.State) error {
				if len(s.Effects) < 2 {
					return errors.New("the message is settled, the service was not told again")
				}
				return nil
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&nostatus.Unsubscriber{Queue: in.Queue("unsubscriptions"), HTTP: in.HTTP(), Service: "https://service.example"}).Next(ctx)
		},
	},
	subject{
		name: "deleteonerror/okignored",
		world: explore.World{
			Queue: "doors", Messages: []string{`{"door":"d-11","night":"2024-05-01"}`, `{"door":"d-12","night":"2024-05-01"}`},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&okignored.Janitor{Doors: in.Queue("doors"), HTTP: in.HTTP(), Controller: "https://doors.example"}).LockUp(ctx)
		},
	},
	subject{
		name: "deleteonerror/onepart",
		world: explore.World{
			Queue: "attachments", Messages: []string{
				`{"ticket":"ti-4","files":{"a.txt":"aaa","b.txt":"bbb"}}`,
				`{"ticket":"ti-5","files":{"c.txt":"ccc"}}`,
			},
			Before: blobs(map[string]string{"attachments/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			d := &onepart.Desk{Tickets: in.Queue("attachments"), Attachments: containerOf(in, "attachments"), Log: slog.Default()}
			return d.Serve(ctx)
		},
	},
	subject{
		name: "deleteonerror/poisonfirst",
		world: explore.World{
			Queue: "births", Messages: []string{`{"child":"ki-7","name":"Eva"}`, `{"child":"ki-8","name":"Max"}`},
			Before: tables("children"),
			Poison: "births-poison",
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			r := &poisonfirst.Registrar{Births: in.Queue("births"), Poison: in.Queue("births-poison"), Children: in.Tables.NewClient("children")}
			return r.Register(ctx)
		},
	},
	subject{
		name: "deleteonerror/poisonlost",
		world: explore.World{
			Queue: "results", Messages: []string{`{"sample":"sa-31","value":"negative"}`, `{"sample":"sa-32","value":"positive"}`},
			Before: tables("results"),
			Poison: "results-poison",
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			l := &poisonlost.Lab{Results: queueV1(in, "results"), Poison: queueV1(in, "results-poison"), Table: in.Tables.NewClient("results")}
			return l.Next(ctx)
		},
	},
	subject{
		name: "deleteonerror/progress",
		world: explore.World{
			Queue: "orders", Messages: []string{`{"order":"o-77","items":["cup","plate"]}`, `{"order":"o-78","items":["fork"]}`},
			Before: blobs(map[string]string{"packing-lists/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&progress.Packer{Orders: queueV1(in, "orders"), Lists: in.Storage(), HTTP: in.HTTP(), Screen: "https://screen.example"}).Pack(ctx)
		},
	},
	subject{
		name: "deleteonerror/requeue",
		world: explore.World{
			// The second has one try left.
			Queue: "domains", Messages: []string{`{"domain":"ex-1","owner":"ada","tries":0}`, `{"domain":"ex-2","owner":"bob","tries":4}`},
			Poison: "domains-poison",
			// A try that is counted is another text: the message is not in the poison queue as it came.
			Property: func(s explore.State) error {
				for domain, owner := range map[string]string{"ex-1": "ada", "ex-2": "bob"} {
					told := slices.ContainsFunc(s.Effects, func(e explore.Effect) bool {
						return e.URL == "https://registry.example/domains/"+domain+"/owners/"+owner
					})
					parked := slices.ContainsFunc(s.Poison, func(text string) bool { return strings.Contains(text, domain) })
					if !told && !parked {
						return fmt.Errorf("domain %s is neither in the registry nor in the poison queue", domain)
					}
				}
				return nil
			},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			t := &requeue.Teller{
				Domains: queueV1(in, "domains"), Poison: queueV1(in, "domains-poison"),
				HTTP: in.HTTP(), Registry: "https://registry.example",
			}
			return t.Tell(ctx)
		},
	},
	subject{
		name: "deleteonerror/retried",
		world: explore.World{
			Queue: "races", Messages: []string{
				`{"race":"ra-1","runner":"ru-9","seconds":3600}`,
				`{"race":"ra-1","runner":"ru-10","seconds":3700}`,
			},
			Before: blobs(map[string]string{"results/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&retried.Timing{Queue: in.Queue("races"), Results: containerOf(in, "results")}).Finish(ctx)
		},
	},
	subject{
		name: "deleteonerror/shadowed",
		world: explore.World{
			Queue: "moves", Messages: []string{`{"user":"us-3","move":"upgrade","plan":"gold"}`, `{"user":"us-4","move":"cancel"}`},
			Before: tables("users"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&shadowed.Plans{Moves: in.Queue("moves"), Users: in.Tables.NewClient("users")}).Move(ctx)
		},
	},
	subject{
		name:    "deleteonerror/shutdown",
		differs: "known miss: an interrupted copy returns nil, as a finished one does",
		world: explore.World{
			Queue: "albums", Messages: []string{`{"album":"al-1","pictures":{"p1":"AAA","p2":"BBB"}}`},
			Before: blobs(map[string]string{"albums/": ""}),
			// Without faults, too, the album must be there in the end.
			Property: func(s explore.State) error {
				if n := len(s.Blobs["albums"]); n != 2 {
					return fmt.Errorf("%d of 2 pictures are copied", n)
				}
				return nil
			},
		},
		handler: explore.Process(func(in *explore.Instance) explore.Handler {
			told := false
			return func(ctx context.Context, in *explore.Instance) error {
				if in.ID == 1 && !told { // the first process is told to stop while it copies; what follows is the next one
					told = true
					stopped, cancel := context.WithTimeout(ctx, 1500*time.Microsecond)
					defer cancel()
					ctx = stopped
				}
				return (&shutdown.Albums{Queue: in.Queue("albums"), Blobs: in.Storage()}).Copy(ctx)
			}
		}),
	},
	subject{
		name: "deleteonerror/splitoff",
		world: explore.World{
			Queue: "circulars", Messages: []string{
				`{"circular":"ci-2","boxes":["ada","bob"],"text":"hi"}`,
				`{"circular":"ci-3","boxes":["ada"],"text":"bye"}`,
			},
			Before: blobs(map[string]string{"boxes/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&splitoff.Post{Queue: in.Queue("circulars"), Boxes: in.Storage()}).Deliver(ctx)
		},
	},
	subject{
		name: "deleteonerror/swallowed",
		world: explore.World{
			Queue: "mails", Messages: []string{`{"mail":"ml-6","from":"ada","text":"hi"}`, `{"mail":"ml-7","from":"bob","text":"bye"}`},
			Before: blobs(map[string]string{"mails/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return swallowed.New(in.Queue("mails"), containerOf(in, "mails")).Step(ctx)
		},
	},
	subject{
		name: "deleteonerror/tempfile",
		world: explore.World{
			Queue: "bundles", Messages: []string{`{"bundle":"bu-2","letters":["dear","sir"]}`, `{"bundle":"bu-3","letters":["bye"]}`},
			Before: blobs(map[string]string{"bundles/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&tempfile.Bundler{Queue: in.Queue("bundles"), Blobs: in.Storage()}).Bundle(ctx)
		},
	},
	subject{
		name: "deleteonerror/warmup",
		world: explore.World{
			Queue: "articles", Messages: []string{`{"article":"art-5","text":"news"}`, `{"article":"art-6","text":"more"}`},
			Before: blobs(map[string]string{"articles/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			p := &warmup.Press{
				Queue: in.Queue("articles"), Articles: containerOf(in, "articles"), HTTP: in.HTTP(), Cache: "https://cache.example",
			}
			return p.Publish(ctx)
		},
	},
	subject{
		name: "deleteonerror/wrapper",
		world: explore.World{
			Queue: "menus", Messages: []string{
				`{"canteen":"ca-1","day":"2024-05-01","menu":"soup"}`,
				`{"canteen":"ca-1","day":"2024-05-02","menu":"rice"}`,
			},
			Before: blobs(map[string]string{"menus/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return wrapper.Menus(ctx, queueV1(in, "menus"), in.Storage())
		},
	},
)
