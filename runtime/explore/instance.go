package explore

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/storage"
)

// Instance is one worker process: clients whose requests are played, lost, or never sent.
type Instance struct {
	// Clients are the official clients of the account.
	storage.Clients
	// Account is the storage account itself, for its addresses and for looking at it in
	// [World.Before]. What a handler does to it directly is no operation.
	Account *storage.Account
	// ID is 1 for the first instance of a schedule, 0 in [World.Before].
	ID int

	wiring *wiring

	play    *play
	handler Handler // what [Process] started in this instance
	ctx     context.Context
	cancel  context.CancelFunc

	// What follows belongs to the director's goroutine.
	operations int              // how many were given a number
	idle       bool             // the last thing it did was to find nothing to do
	empty      int              // receives in a row that found nothing
	held       *hold            // non-nil while it is frozen or held
	leases     map[string]lease // of messages received and not settled
	call       *call            // non-nil while the handler is not running
	quiet      int              // calls of the handler in a row that made no operation
	atCall     int              // operations at the handler's last return
	exited     bool             // its handler never runs again
	crashed    bool
	stopped    bool // it was told to stop

	dead chan struct{} // closed by the crash
	late atomic.Int32  // requests since the crash or the cancellation
}

// Queue is the client of a queue of the account.
func (in *Instance) Queue(name string) *azqueue.QueueClient { return in.Queues.NewQueueClient(name) }

// Storage is the client of all blobs of the account that most programs use: another view
// of Clients.Blobs, the client of the blob service.
func (in *Instance) Storage() *azblob.Client { return in.wiring.storage }

// HTTP is a client for everything else, and the storage account too for who speaks to it
// without the SDK. Requests to other hosts are recorded, and answered by [World.Outside].
func (in *Instance) HTTP() *http.Client { return &http.Client{Transport: roundTripper{in.wiring}} }

// Transport sends requests as this instance, for clients that are made otherwise.
func (in *Instance) Transport() policy.Transporter { return transporter{in.wiring} }

// ClientOptions are for clients that are made otherwise, those of azqueue v1 for example:
//
//	options := &azqueue.ClientOptions{ClientOptions: in.ClientOptions()}
//	client, err := azqueue.NewQueueClientWithNoCredential(in.Account.QueueURL("orders"), options)
func (in *Instance) ClientOptions() azcore.ClientOptions {
	return azcore.ClientOptions{Transport: in.Transport(), Retry: in.wiring.retry}
}

// wiring are the clients of an instance. They outlast it, and are used by another one in
// another schedule, since making them would take longer than the schedule.
type wiring struct {
	in      *Instance // whose they are now
	clients storage.Clients
	storage *azblob.Client
	retry   policy.RetryOptions
}

// newWiring makes clients that nobody has yet.
func newWiring(retry policy.RetryOptions) (*wiring, error) {
	w := &wiring{retry: retry}
	account := storage.New(accountName)
	var err error
	if w.clients, err = account.Dial(transporter{w}, retry); err != nil {
		return nil, fmt.Errorf("explore: clients of the account: %w", err)
	}
	options := azcore.ClientOptions{Transport: transporter{w}, Retry: retry}
	w.storage, err = azblob.NewClientWithNoCredential(account.BlobURL(""), &azblob.ClientOptions{ClientOptions: options})
	if err != nil {
		return nil, fmt.Errorf("explore: clients of the account: %w", err)
	}
	return w, nil
}

// instance makes the instance of this number in p, with these clients. Number 0 is the one
// of World.Before, whose requests go straight to the account.
func (w *wiring) instance(p *play, id int) *Instance {
	w.in = &Instance{
		Clients: w.clients, Account: p.account, ID: id,
		wiring: w, leases: map[string]lease{}, dead: make(chan struct{}),
	}
	if id > 0 {
		w.in.play = p
		w.in.ctx, w.in.cancel = context.WithCancel(context.Background())
	}
	return w.in
}

type transporter struct{ wiring *wiring }

func (t transporter) Do(r *http.Request) (*http.Response, error) { return t.wiring.in.do(r) }

type roundTripper struct{ wiring *wiring }

func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return t.wiring.in.do(r) }

// errCrashed is what requests of a dead process get, for as long as its goroutines last.
// Nothing they do with it is seen by anyone.
var errCrashed error = crashError{}

type crashError struct{}

func (crashError) Error() string { return "explore: the instance has crashed" }

// NonRetriable keeps azcore's retry policy from trying again.
func (crashError) NonRetriable() {}

// errTimeout is what a client sees of a request or an answer that was lost.
var errTimeout error = &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}

// afterlife is how many requests an instance may try after its crash, or on its cancelled
// context, before the goroutine that tries is ended: enough for clean-up, and an end for
// those that retry for ever.
const afterlife = 50

// do is where each request of an instance becomes an operation: it waits for the director
// (see play) to execute it.
func (in *Instance) do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil && r.Body != http.NoBody {
		var err error
		body, err = io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	if in.play == nil { // World.Before
		return in.Account.Do(withBody(r, body))
	}
	if in.isDead() {
		if in.late.Add(1) > afterlife {
			runtime.Goexit()
		}
		return nil, errCrashed
	}
	if err := r.Context().Err(); err != nil {
		// A loop that takes no notice of its context would spin here without any time passing.
		if in.ctx.Err() != nil && in.late.Add(1) > afterlife {
			runtime.Goexit()
		}
		return nil, err
	}
	op := &operation{in: in, request: r, body: body, answer: make(chan answer, 1)}
	in.play.submit(op)
	select {
	case a := <-op.answer:
		return in.receiveAnswer(op, a)
	case <-in.dead:
		return nil, errCrashed
	case <-r.Context().Done():
		op.withdrawn.Store(true)
		return nil, r.Context().Err()
	}
}

func (in *Instance) receiveAnswer(op *operation, a answer) (*http.Response, error) {
	if a.err != errTimeout {
		return a.response, a.err
	}
	select {
	case <-time.After(in.play.world.Timeout):
	case <-op.request.Context().Done():
		return nil, op.request.Context().Err()
	case <-in.dead:
		return nil, errCrashed
	}
	return nil, a.err
}

func (in *Instance) isDead() bool {
	select {
	case <-in.dead:
		return true
	default:
		return false
	}
}

// withBody is r with a body that can be read.
func withBody(r *http.Request, body []byte) *http.Request {
	inner := new(http.Request)
	*inner = *r
	inner.Body = http.NoBody
	if len(body) > 0 {
		inner.Body = io.NopCloser(bytes.NewReader(body))
		inner.ContentLength = int64(len(body))
	}
	return inner
}
