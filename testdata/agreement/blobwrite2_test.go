package agreement

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"

	"github.com/idemlint/idemlint/runtime/explore"
	jobstatus "github.com/idemlint/idemlint/testdata/handlers/blobwrite/jobstatus"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/landing"
	lastrun "github.com/idemlint/idemlint/testdata/handlers/blobwrite/lastrun"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/leaderboard"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/receipt"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/retention"
	sessions "github.com/idemlint/idemlint/testdata/handlers/blobwrite/sessions/worker"
	sessionsderived "github.com/idemlint/idemlint/testdata/handlers/blobwrite/sessionsderived/worker"
	settingsrow "github.com/idemlint/idemlint/testdata/handlers/blobwrite/settingsrow"
	sharelink "github.com/idemlint/idemlint/testdata/handlers/blobwrite/sharelink"
	sharelinkonce "github.com/idemlint/idemlint/testdata/handlers/blobwrite/sharelinkonce"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/sitemap"
	"github.com/idemlint/idemlint/testdata/handlers/blobwrite/thumbnail"
	weather "github.com/idemlint/idemlint/testdata/handlers/blobwrite/weather/domain"
	weatherstore "github.com/idemlint/idemlint/testdata/handlers/blobwrite/weather/storage"
	weatherworker "github.com/idemlint/idemlint/testdata/handlers/blobwrite/weather/worker"
)

// picture is a small PNG of one color.
func picture(c color.Color) string {
	img := image.NewRGBA(image.Rect(0, 0, 2, 2))
	for i := range 4 {
		img.Set(i%2, i/2, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.String()
}

var _ = add(
	subject{
		name: "blobwrite/jobstatus",
		world: explore.World{
			Queue: "uploads", Messages: []string{`{"Run":"r-1","Rows":"a;b"}`, `{"Run":"r-2","Rows":" "}`},
			Before: blobs(map[string]string{"runs/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return jobstatus.ImportNext(ctx, jobstatus.NewInbox(in.Queue("uploads")), containerOf(in, "runs"))
		},
	},
	subject{
		name: "blobwrite/landing",
		world: explore.World{
			Queue:    "landing-pages",
			Messages: []string{`{"campaign":"spring","html":"<p>mugs</p>"}`, `{"campaign":"summer","html":"<p>tea</p>"}`},
			Before:   blobs(map[string]string{"web/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			d := &landing.Deployer{Pages: in.Queue("landing-pages"), Target: containerOf(in, "web").NewBlockBlobClient("index.html")}
			return d.Step(ctx)
		},
	},
	subject{
		name: "blobwrite/lastrun",
		world: explore.World{
			Queue: "uploads", Messages: []string{`{"run":"r-1","rows":"a;1\nb;2"}`, `{"run":"r-2","rows":"c;3"}`},
			Before: blobs(map[string]string{"imports/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return lastrun.New(in.Queue("uploads"), in.Storage()).Poll(ctx)
		},
	},
	subject{name: "blobwrite/latestprice", unplayable: dialsItself},
	subject{
		name: "blobwrite/leaderboard",
		world: explore.World{
			Queue: "boards", Messages: []string{`{"season":true,"names":["Ida"]}`, `{"season":true,"names":["Tom"]}`},
			Before: blobs(map[string]string{"games/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return leaderboard.Wire(queueV1(in, "boards"), in.Storage(), "games").Once(ctx)
		},
	},
	subject{
		name: "blobwrite/receipt",
		world: explore.World{
			Queue: "purchases", Messages: []string{`{"order":"o-1","shop":"s-1","total":899}`, `{"order":"o-2","shop":"s-1","total":450}`},
			Before: blobs(map[string]string{"receipts/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return receipt.NewFiler(in.Queue("purchases"), in.Storage()).FileNext(ctx)
		},
	},
	subject{
		name: "blobwrite/retention",
		world: explore.World{
			Queue: "recorded", Messages: []string{`{"recording":"r-1","keepDays":30}`},
			Before: before(blobs(map[string]string{"recordings/r-1": "hello"}), beforeMidnight),
			Reader: func(s explore.State) []string { return []string{s.Blobs["recordings"]["r-1"].Tags["purge-after"]} },
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&retention.Tagger{Recordings: containerOf(in, "recordings"), Inbox: queueV1(in, "recorded")}).Run(ctx)
		},
	},
	subject{name: "blobwrite/routing", unplayable: onServiceBus},
	subject{name: "blobwrite/routingcas", unplayable: onServiceBus},
	subject{
		name: "blobwrite/sessions",
		world: explore.World{
			Queue: "logins", Messages: []string{`{"user":"u-1","session":"s-1"}`},
			Before: tables("tokens"),
			Reader: cell("tokens", "u-1", "s-1", "Token"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			tokens := in.Tables.NewClient("tokens")
			sessions.New(in.Queue("logins"), tokens).Run(ctx)
			return nil
		},
	},
	subject{
		name: "blobwrite/sessionsderived",
		world: explore.World{
			Queue: "logins", Messages: []string{`{"user":"u-1","session":"s-1"}`, `{"user":"u-1","session":"s-2"}`},
			Before: tables("tokens"),
			Reader: cell("tokens", "u-1", "s-1", "Token"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			tokens := in.Tables.NewClient("tokens")
			return sessionsderived.Open(ctx, in.Queue("logins"), tokens, []byte("key of the service"))
		},
	},
	subject{
		name: "blobwrite/settingsrow",
		world: explore.World{
			Queue: "changes", Messages: []string{`{"id":"1","settings":{"dark":true}}`, `{"id":"2","settings":{"dark":false}}`},
			Before: tables("settings"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return settingsrow.Consume(ctx, in.Queue("changes"), in.Tables.NewClient("settings"))
		},
	},
	subject{
		name: "blobwrite/sharelink",
		world: explore.World{
			Queue: "requests", Messages: []string{`{"document":"d-1","reader":"ida"}`},
			Before: blobs(map[string]string{"shares/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return sharelink.NewGranter(in.Queue("requests"), in.Storage()).Serve(ctx)
		},
	},
	subject{
		name: "blobwrite/sharelinkonce",
		world: explore.World{
			Queue: "requests", Messages: []string{`{"document":"d-1","reader":"ida"}`, `{"document":"d-2","reader":"tom"}`},
			Before: blobs(map[string]string{"shares/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return sharelinkonce.Poll(ctx, in.Queue("requests"), in.Storage())
		},
	},
	subject{
		name: "blobwrite/sitemap",
		world: explore.World{
			Queue: "editions",
			Messages: []string{
				`{"site":"shop","number":1,"root":{"slug":"home","text":"hello","children":[{"slug":"mugs","text":"ten"}]}}`,
				`{"site":"shop","number":2,"root":{"slug":"home","text":"hi"}}`,
			},
			Before: blobs(map[string]string{"pages/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return (&sitemap.Press{Editions: in.Queue("editions"), Pages: in.Storage()}).Print(ctx)
		},
	},
	subject{name: "blobwrite/tempcred", unplayable: onServiceBus},
	subject{
		name: "blobwrite/thumbnail",
		world: explore.World{
			Queue: "uploaded", Messages: []string{`{"name":"a.png"}`, `{"name":"b.png"}`},
			Before: blobs(map[string]string{
				"gallery/pictures/a.png": picture(color.White),
				"gallery/pictures/b.png": picture(color.RGBA{R: 200, A: 255}),
			}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return thumbnail.Run(ctx, in.Queue("uploaded"), in.Storage())
		},
	},
	subject{
		name: "blobwrite/weather",
		world: explore.World{
			Queue: "measurements", Messages: []string{`{"station":"s-1","celsius":20,"hPa":1030}`, `{"station":"s-1","celsius":8,"hPa":990}`},
			Before: blobs(map[string]string{"www/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			page := weatherstore.NewFrontPage(in.Storage())
			weatherworker.Loop(ctx, in.Queue("measurements"), weather.NewForecaster(page))
			return nil
		},
	},
)
