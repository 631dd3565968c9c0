package agreement

import (
	"bytes"
	"context"
	"encoding/base64"
	"image"
	"image/jpeg"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue"
	azqueuev2 "github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/runtime/storage"
	telemetry "github.com/idemlint/idemlint/testdata/handlers/unseen/a07telemetry"
)

// upserts puts a row as soon as a blob is there.
func upserts(in *explore.Instance, container, once, table, entity string) func(direct storage.Clients) {
	return func(direct storage.Clients) {
		if _, there := in.Account.Blobs.Snapshot()[container][once]; !there {
			return
		}
		if _, err := direct.Tables.NewClient(table).UpsertEntity(context.Background(), []byte(entity), nil); err != nil {
			panic(err)
		}
	}
}

// oneEach is a service that gives one message at a time, however many it is asked for, as
// it does when there is no other yet. Where the messages of a world come in one batch none
// is newer than the others, and nobody else has one of them.
func oneEach(in *explore.Instance) policy.Transporter { return one{in.Transport()} }

type one struct{ policy.Transporter }

func (o one) Do(r *http.Request) (*http.Response, error) {
	if q := r.URL.Query(); q.Has("numofmessages") {
		q.Set("numofmessages", "1")
		r = r.Clone(r.Context())
		r.URL.RawQuery = q.Encode()
	}
	return o.Transporter.Do(r)
}

// queueVia is a queue's client with requests that go through via.
func queueVia(in *explore.Instance, name string, via policy.Transporter) *azqueuev2.QueueClient {
	return clients(in, via).Queues.NewQueueClient(name)
}

// queueV1Via is queueV1 with requests that go through via.
func queueV1Via(in *explore.Instance, name string, via policy.Transporter) *azqueue.QueueClient {
	options := &azqueue.ClientOptions{ClientOptions: in.ClientOptions()}
	options.Transport = via
	client, err := azqueue.NewQueueClientWithNoCredential(in.Account.QueueURL(name), options)
	if err != nil {
		panic(err)
	}
	return client
}

// base64Of is how some senders encode their messages.
func base64Of(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// jpegPicture is a small JPEG.
func jpegPicture() string {
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		panic(err)
	}
	return buf.String()
}

// noLog is a logger of telemetry that writes nothing.
type noLog struct{}

func (l noLog) With(...telemetry.Field) telemetry.Logger { return l }
func (noLog) Info(string, ...telemetry.Field)            {}
func (noLog) Error(string, ...telemetry.Field)           {}
