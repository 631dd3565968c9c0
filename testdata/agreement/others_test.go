package agreement

import (
	"context"
	"net/http"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"github.com/idemlint/idemlint/runtime/explore"
	"github.com/idemlint/idemlint/runtime/storage"
)

// A handler is not alone with its storage account: others read what it has written, and
// write what it reads. Here they do so right after a request of the handler, before anything
// else happens.

// between stands between clients and their transport.
type between struct {
	policy.Transporter
	do func(r *http.Request, send func() (*http.Response, error)) (*http.Response, error)
}

func (b between) Do(r *http.Request) (*http.Response, error) {
	return b.do(r, func() (*http.Response, error) { return b.Transporter.Do(r) })
}

// clients are those of in, but their requests go through via.
func clients(in *explore.Instance, via policy.Transporter) storage.Clients {
	c, err := in.Account.Dial(via, in.ClientOptions().Retry)
	if err != nil {
		panic(err)
	}
	return c
}

// blobsVia is clients for the client of blobs that most programs use.
func blobsVia(in *explore.Instance, via policy.Transporter) *azblob.Client {
	options := in.ClientOptions()
	options.Transport = via
	c, err := azblob.NewClientWithNoCredential(in.Account.BlobURL(""), &azblob.ClientOptions{ClientOptions: options})
	if err != nil {
		panic(err)
	}
	return c
}

// watched calls look after each request, with clients that look at the account itself: what
// they do is no operation.
func watched(in *explore.Instance, look func(direct storage.Clients)) policy.Transporter {
	direct, err := in.Account.Dial(in.Account, policy.RetryOptions{MaxRetries: -1})
	if err != nil {
		panic(err)
	}
	return between{in.Transport(), func(_ *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		defer look(direct)
		return send()
	}}
}

// changes puts a blob as soon as another one is there.
func changes(in *explore.Instance, container, once, name, content string) policy.Transporter {
	return watched(in, func(direct storage.Clients) {
		if _, there := in.Account.Blobs.Snapshot()[container][once]; !there {
			return
		}
		blob := direct.Blobs.NewContainerClient(container).NewBlockBlobClient(name)
		if _, err := blob.UploadBuffer(context.Background(), []byte(content), nil); err != nil {
			panic(err)
		}
	})
}

// slow lets each answer take a while longer.
func slow(in *explore.Instance, takes time.Duration) policy.Transporter {
	return between{in.Transport(), func(r *http.Request, send func() (*http.Response, error)) (*http.Response, error) {
		response, err := send()
		if err != nil {
			return nil, err
		}
		return response, pass(r.Context(), takes)
	}}
}

// beforeMidnight waits until half a minute before the second day begins. Of the two
// executions from which fresh values are known, the second one begins over an hour later
// than the first, hence on that day: which day it is does not count then.
func beforeMidnight(context.Context, *explore.Instance) error {
	time.Sleep(24*time.Hour - 30*time.Second)
	return nil
}
