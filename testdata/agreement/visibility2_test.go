package agreement

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/idemlint/idemlint/runtime/explore"
	extendonce "github.com/idemlint/idemlint/testdata/handlers/visibility/extendonce"
	funcfield "github.com/idemlint/idemlint/testdata/handlers/visibility/funcfield"
	funcsteps "github.com/idemlint/idemlint/testdata/handlers/visibility/funcsteps"
	genericdeadline "github.com/idemlint/idemlint/testdata/handlers/visibility/genericdeadline"
	generictimeout "github.com/idemlint/idemlint/testdata/handlers/visibility/generictimeout"
	heartbeatpkg "github.com/idemlint/idemlint/testdata/handlers/visibility/heartbeatpkg"
	httpsixty "github.com/idemlint/idemlint/testdata/handlers/visibility/httpsixty"
	idlesleep "github.com/idemlint/idemlint/testdata/handlers/visibility/idlesleep"
	ifacebounded "github.com/idemlint/idemlint/testdata/handlers/visibility/ifacebounded"
	ifaceslow "github.com/idemlint/idemlint/testdata/handlers/visibility/ifaceslow"
	leaseeach "github.com/idemlint/idemlint/testdata/handlers/visibility/leaseeach"
	longlease "github.com/idemlint/idemlint/testdata/handlers/visibility/longlease"
	onebyone "github.com/idemlint/idemlint/testdata/handlers/visibility/onebyone"
	optshelper "github.com/idemlint/idemlint/testdata/handlers/visibility/optshelper"
	parallelbatch "github.com/idemlint/idemlint/testdata/handlers/visibility/parallelbatch"
	parkedbuffer "github.com/idemlint/idemlint/testdata/handlers/visibility/parkedbuffer"
	resultschan "github.com/idemlint/idemlint/testdata/handlers/visibility/resultschan"
	retrybounded "github.com/idemlint/idemlint/testdata/handlers/visibility/retrybounded"
	retryfive "github.com/idemlint/idemlint/testdata/handlers/visibility/retryfive"
	retrypolicy "github.com/idemlint/idemlint/testdata/handlers/visibility/retrypolicy"
	semaphoreslow "github.com/idemlint/idemlint/testdata/handlers/visibility/semaphoreslow"
	shortclient "github.com/idemlint/idemlint/testdata/handlers/visibility/shortclient"
	shorttry "github.com/idemlint/idemlint/testdata/handlers/visibility/shorttry"
	sleep150 "github.com/idemlint/idemlint/testdata/handlers/visibility/sleep150"
	unbuffered "github.com/idemlint/idemlint/testdata/handlers/visibility/unbuffered"
	wrapperlease "github.com/idemlint/idemlint/testdata/handlers/visibility/wrapperlease"
	"github.com/idemlint/idemlint/testdata/handlers/visibility/wrapperlease/inbox"
	wrapperlong "github.com/idemlint/idemlint/testdata/handlers/visibility/wrapperlong"
)

// failing takes longer than a try lasts, but for each so-many-th request to a URL.
func failing(try time.Duration, every int) takes {
	return func(_ string, n int) time.Duration {
		if n%every == every-1 {
			return time.Second
		}
		return try + time.Second
	}
}

// hanging is a service that answers each third try only. The delays between the tries are
// the SDK's, and so in part random, but too short or too long by far to matter.
func hanging(in *explore.Instance, try time.Duration) policy.Transporter {
	tries := 0
	return between{in.Transport(), func(r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		if tries++; tries%3 == 0 {
			return send()
		}
		return nil, pass(r.Context(), try+time.Second)
	}}
}

var _ = add(
	subject{
		name: "visibility/extendonce",
		world: explore.World{
			Queue: "steps", Messages: []string{`{"Tank":"t-1","Action":"rest"}`, `{"Tank":"t-2","Action":"rest"}`},
			Before: tables("log"),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return extendonce.NewTank(in.Queue("steps"), in.Tables.NewClient("log")).Step(ctx)
		},
	},
	subject{
		name: "visibility/funcfield",
		world: explore.World{
			Queue: "rollouts", Messages: []string{"image 1"},
			Before: blobs(map[string]string{"devices/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return funcfield.Roll(ctx, queueV1(in, "rollouts"), containerOf(in, "devices"))
		},
	},
	subject{
		name: "visibility/funcsteps",
		world: explore.World{
			Queue: "samples", Messages: []string{"one", "two"},
			Before: blobs(map[string]string{"results/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			funcsteps.Test(ctx, queueV1(in, "samples"), containerOf(in, "results"))
			return nil
		},
	},
	subject{
		name:  "visibility/genericdeadline",
		world: explore.World{Queue: "loans", Messages: []string{`{"Applicant":"ida","Amount":1000}`}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return genericdeadline.ScoreLoans(outside(ctx, in, always(170*time.Second)), in.Queue("loans"), "https://model.example")
		},
	},
	subject{
		name:  "visibility/generictimeout",
		world: explore.World{Queue: "sluices", Messages: []string{`{"Name":"north","Percent":50}`, `{"Name":"south","Percent":20}`}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return generictimeout.Sluices(in.Queue("sluices"), "https://plc.example").Next(outside(ctx, in, always(59*time.Second)))
		},
	},
	subject{
		name: "visibility/heartbeatpkg",
		world: explore.World{
			Queue: "harbours", Messages: []string{"north", "south"},
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			c := &heartbeatpkg.Computer{Harbours: in.Queue("harbours"), Service: "https://tides.example"}
			return c.Compute(outside(ctx, in, always(100*time.Second)))
		},
	},
	subject{
		name:  "visibility/httpsixty",
		world: explore.World{Queue: "numbers", Messages: []string{"DE1"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return httpsixty.Register(outside(ctx, in, always(59*time.Second)), in.Queue("numbers"), "https://vat.example")
		},
	},
	subject{
		name: "visibility/idlesleep",
		world: explore.World{
			Queue: "statements", Messages: []string{"one", "two"},
			Before: blobs(map[string]string{"nightly/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			idlesleep.File(ctx, queueV1(in, "statements"), in.Storage())
			return nil
		},
	},
	subject{
		name: "visibility/ifacebounded",
		world: explore.World{
			Queue: "tray", Messages: []string{"contract", "letter"},
			Outside: answers(http.StatusCreated),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return ifacebounded.NewClerk(in.Queue("tray"), "https://sign.example").Serve(outside(ctx, in, always(44*time.Second)))
		},
	},
	subject{
		name: "visibility/ifaceslow",
		world: explore.World{
			Queue: "requests", Messages: []string{"sales"},
			Outside: answers(http.StatusCreated),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			renderer := &url.URL{Scheme: "https", Host: "render.example"}
			return ifaceslow.NewWorker(in.Queue("requests"), renderer).Run(outside(ctx, in, always(170*time.Second)))
		},
	},
	subject{
		name: "visibility/leaseeach",
		world: explore.World{
			Queue: "tags", Messages: []string{"mug", "pot", "tea"},
			Before: blobs(map[string]string{"spool/": ""}),
			Limits: explore.Limits{Schedules: 100},
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			// Three tags take longer than one lease.
			spool := clients(in, slow(in, 25*time.Second)).Blobs.NewContainerClient("spool")
			return leaseeach.New(in.Queue("tags"), spool).Batch(ctx)
		},
	},
	subject{
		name: "visibility/longlease",
		world: explore.World{
			Queue: "orders", Messages: []string{"one", "two"},
			Before: blobs(map[string]string{"custody/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			longlease.New(in.Queue("orders"), in.Storage()).Run(ctx)
			return nil
		},
	},
	subject{
		name: "visibility/onebyone",
		world: explore.World{
			Queue: "lockers", Messages: []string{"one", "two"},
			Before: blobs(map[string]string{"lockers/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			_, err := onebyone.Round(ctx, queueV1(in, "lockers"), in.Storage())
			return err
		},
	},
	subject{
		name: "visibility/optshelper",
		world: explore.World{
			Queue: "quotes", Messages: []string{"mug 9"},
			Before: blobs(map[string]string{"quotes/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			optshelper.Publish(ctx, in.Queue("quotes"), in.Storage())
			return nil
		},
	},
	subject{
		name:  "visibility/parallelbatch",
		world: explore.World{Queue: "orders", Messages: []string{"one", "two"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return parallelbatch.Open(in.Queue("orders"), "https://plant.example").Apply(outside(ctx, in, always(19*time.Second)))
		},
	},
	subject{
		name: "visibility/parkedbuffer",
		world: explore.World{
			Queue: "images", Messages: []string{"one", "two", "three", "four", "five"},
			Before: blobs(map[string]string{"thumbnails/": ""}),
			Once:   true,
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			parkedbuffer.New(in.Queue("images"), blobsVia(in, slow(in, 28*time.Second))).Run(ctx)
			return nil
		},
	},
	subject{name: "visibility/parkedbus", unplayable: onServiceBus},
	subject{name: "visibility/renewdrops", unplayable: startsProcess},
	subject{name: "visibility/renewloop", unplayable: startsProcess},
	subject{
		name: "visibility/resultschan",
		world: explore.World{
			Queue: "records", Messages: []string{`{"Source":"door","Action":"opened"}`, `{"Source":"door","Action":"shut"}`},
			Before: tables("records"),
		},
		handler: explore.Process(func(in *explore.Instance) explore.Handler {
			f := resultschan.NewFiler(in.Queue("records"), in.Tables.NewClient("records"))
			closing := false
			return func(ctx context.Context, _ *explore.Instance) error {
				if !closing {
					closing = true
					context.AfterFunc(ctx, f.Close)
				}
				return f.File(ctx)
			}
		}),
	},
	subject{
		name:  "visibility/retrybounded",
		world: explore.World{Queue: "lots", Messages: []string{"one", "two"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return retrybounded.Book(outside(ctx, in, failing(5*time.Second, 3)), in.Queue("lots"), "https://operator.example")
		},
	},
	subject{
		name:  "visibility/retryfive",
		world: explore.World{Queue: "tickets", Messages: []string{"one"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			retryfive.Run(outside(ctx, in, failing(20*time.Second, 5)), in.Queue("tickets"), "https://gate.example")
			return nil
		},
	},
	subject{
		name: "visibility/retrypolicy",
		world: explore.World{
			Queue: "mails", Messages: []string{"hello"},
			Before: blobs(map[string]string{"mails/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			options := &azblob.ClientOptions{ClientOptions: in.ClientOptions()}
			options.Transport = hanging(in, 30*time.Second)
			options.Retry = policy.RetryOptions{ // as in NewArchive
				MaxRetries: 4, TryTimeout: 30 * time.Second, RetryDelay: 5 * time.Second, MaxRetryDelay: 20 * time.Second,
			}
			mails, err := azblob.NewClientWithNoCredential(in.Account.BlobURL(""), options)
			if err != nil {
				return err
			}
			_, err = retrypolicy.With(in.Queue("mails"), mails).Step(ctx)
			return err
		},
	},
	subject{
		name:  "visibility/semaphoreslow",
		world: explore.World{Queue: "sites", Messages: []string{"shop.example"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			c := semaphoreslow.NewCrawler(in.Queue("sites"), "https://index.example", func(string, error) {})
			return c.Round(outside(ctx, in, always(110*time.Second)))
		},
	},
	subject{
		name: "visibility/shortclient",
		world: explore.World{
			Queue: "levels", Messages: []string{"mug 3", "pot 5"},
			Outside: answers(http.StatusNoContent),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			shortclient.Default(queueV1(in, "levels"), "https://shop.example").Drain(outside(ctx, in, always(9*time.Second)))
			return nil
		},
	},
	subject{
		name: "visibility/shorttry",
		world: explore.World{
			Queue: "bundles", Messages: []string{"one", "two"},
			Before: blobs(map[string]string{"logs/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			options := &container.ClientOptions{ClientOptions: in.ClientOptions()}
			options.Transport = hanging(in, 5*time.Second)
			options.Retry = policy.RetryOptions{ // as in NewShipper
				MaxRetries: 2, TryTimeout: 5 * time.Second, RetryDelay: time.Second, MaxRetryDelay: 2 * time.Second,
			}
			logs, err := container.NewClientWithNoCredential(in.Account.BlobURL("logs"), options)
			if err != nil {
				return err
			}
			return shorttry.With(in.Queue("bundles"), logs).Ship(ctx)
		},
	},
	subject{
		name: "visibility/sleep150",
		world: explore.World{
			Queue: "settlements", Messages: []string{"one"},
			Before: blobs(map[string]string{"announced/": "", "settled/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			sleep150.Work(ctx, in.Queue("settlements"), in.Storage())
			return nil
		},
	},
	subject{name: "visibility/tickerslow", unplayable: startsProcess},
	subject{
		name:  "visibility/unbuffered",
		world: explore.World{Queue: "stamps", Messages: []string{"one", "two"}},
		handler: func(ctx context.Context, in *explore.Instance) error {
			unbuffered.NewOffice(in.Queue("stamps"), "https://printer.example").Run(outside(ctx, in, always(4*time.Second)), 2)
			return nil
		},
	},
	subject{
		name: "visibility/wrapperlease",
		world: explore.World{
			Queue: "letters", Messages: []string{"dear sir"},
			Before: blobs(map[string]string{"wet/": "", "dry/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			(&wrapperlease.Machine{In: inbox.New(in.Queue("letters")), Out: in.Storage()}).Work(ctx)
			return nil
		},
	},
	subject{
		name: "visibility/wrapperlong",
		world: explore.World{
			Queue: "pots", Messages: []string{"one", "two"},
			Before: blobs(map[string]string{"shelf/": ""}),
		},
		handler: func(ctx context.Context, in *explore.Instance) error {
			return wrapperlong.Fire(ctx, in.Queue("pots"), containerOf(in, "shelf"))
		},
	},
)
