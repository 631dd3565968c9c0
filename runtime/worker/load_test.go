package worker_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/runtime/idem"
	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/storage"
	"github.com/idemlint/idemlint/runtime/worker"
)

// The load test: many messages, four instances that are killed, frozen and stopped at
// random, a network that loses requests and answers. In the end each message's effects
// must have happened exactly once, and none must be missing.
//
// The plan and the losses come from a seed. Which of several goroutines acts first at the
// same instant does not, so that two runs differ in detail.

// load is one such test.
type load struct {
	service    role.Service
	messages   int
	instances  int
	visibility time.Duration
	trouble    role.Trouble
	loss       float64          // of requests, and as much of answers
	delay      [2]time.Duration // of a request, from … to …
	work       [2]time.Duration // of a message
	answer     time.Duration    // until a letter is acknowledged
	limit      time.Duration    // for all of it

	post office
}

const (
	cells       = 64
	concurrency = 8
	mailed      = 10 // every tenth message sends a letter
)

// ledger is what messages are entered in: an effect of package idem's first kind. Entries
// are kept one by one, so that nothing missing can hide something doubled.
type ledger struct{ Entries []int }

// office is the effect elsewhere: letters are asked for, at least once, and delivered once
// for each key.
type office struct {
	mu    sync.Mutex
	asked map[string]int
}

func (o *office) send(key string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked == nil {
		o.asked = map[string]int{}
	}
	o.asked[key]++
	return nil
}

// cell is where message n is entered: half of the ledgers are blobs, half are entities.
func cell(c storage.Clients, n int) idem.Cell {
	name := fmt.Sprint("ledger", n%cells)
	if n%2 == 0 {
		return idem.Blob(c.Blobs.NewContainerClient("ledgers").NewBlockBlobClient(name))
	}
	return idem.Entity(c.Tables.NewClient("ledgers"), "ledgers", name)
}

func (l *load) role(observer worker.Observer) role.Role {
	return role.Role{
		Name: "clerk", Visibility: l.visibility, Grace: l.visibility, Timeout: l.visibility / 4,
		Run: func(ctx context.Context, in *role.Instance) error {
			queues := in.Clients().Queues
			loop, err := worker.New(queues.NewQueueClient("orders"), func(ctx context.Context, m worker.Message) error {
				return l.handle(ctx, in, m)
			}, worker.Options{
				Visibility: in.Visibility(), RequestTimeout: l.visibility / 4,
				Batch: concurrency, Concurrency: concurrency, PollMin: l.visibility / 30, PollMax: l.visibility / 3,
				// Trouble is no fault of the message: it may come many times.
				Poison: queues.NewQueueClient("orders-poison"), MaxDeliveries: 30,
				Backoff: worker.Exponential(time.Second, l.visibility),
				Grace:   l.visibility, Log: quiet, Observer: observer,
			})
			if err != nil {
				return err
			}
			return loop.Run(ctx)
		},
	}
}

func (l *load) handle(ctx context.Context, in *role.Instance, m worker.Message) error {
	n, err := strconv.Atoi(m.Body)
	if err != nil {
		return err
	}
	takes := time.NewTimer(between(l.work, m.Body))
	defer takes.Stop()
	select {
	case <-takes.C:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if n%mailed == 0 {
		key := "letter-" + m.Body
		claim := idem.Entity(in.Clients().Tables.NewClient("letters"), "letters", m.Body)
		err := idem.Once(ctx, claim, key, func(ctx context.Context, key string) error {
			if err := in.Reach(ctx, func() error { return l.post.send(key) }); err != nil {
				return err
			}
			if n == 0 && m.Deliveries == 1 {
				in.Kill() // at the one point where an effect is repeated
			}
			time.Sleep(l.answer) // the post office has it, and we do not know yet
			return nil
		}, idem.OnceOptions{Claim: l.visibility / 2})
		if err != nil {
			return err
		}
	}
	// The sender gave the message its name: a second enqueuing would have another ID.
	_, err = idem.Update(ctx, cell(in.Clients(), n), m.Body, func(l *ledger) error {
		l.Entries = append(l.Entries, n)
		return nil
	})
	return err
}

// between is a length of time that depends on the message only.
func between(limits [2]time.Duration, body string) time.Duration {
	h := fnv.New64a()
	h.Write([]byte(body))
	return limits[0] + time.Duration(h.Sum64()%uint64(limits[1]-limits[0]+1))
}

// network is slow, and loses requests and answers.
type network struct {
	role.Service
	l *load

	mu     sync.Mutex
	random *rand.Rand
}

func (n *network) Do(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	lost, delay := n.random.Float64(), n.l.delay[0]+time.Duration(n.random.Int64N(int64(n.l.delay[1]-n.l.delay[0]+1)))
	n.mu.Unlock()
	time.Sleep(delay)
	if lost < n.l.loss {
		return nil, role.ErrLost
	}
	answer, err := n.Service.Do(r)
	if err == nil && lost < 2*n.l.loss {
		answer.Body.Close()
		return nil, role.ErrLost
	}
	return answer, err
}

// test plays the load and judges it.
func (l *load) test(t *testing.T) {
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), l.limit, errors.New("the load test took too long"))
	defer cancel()
	began := time.Now()
	clients, err := l.service.Dial(l.service, policy.RetryOptions{MaxRetries: -1})
	must(err)
	for _, name := range []string{"orders", "orders-poison"} {
		_, err := clients.Queues.NewQueueClient(name).Create(ctx, nil)
		must(err)
	}
	_, err = clients.Blobs.CreateContainer(ctx, "ledgers", nil)
	must(err)
	for _, name := range []string{"ledgers", "letters"} {
		_, err := clients.Tables.CreateTable(ctx, name, nil)
		must(err)
	}
	orders := clients.Queues.NewQueueClient("orders")
	must(enqueue(ctx, orders, l.messages))

	s := &samples{}
	broken := &network{Service: l.service, l: l, random: rand.New(rand.NewPCG(1, 1))}
	d, err := role.Deploy(ctx, broken, l.role(s), l.instances)
	must(err)
	defer d.Close()
	plan := role.RandomPlan(1, l.trouble)
	enqueued := time.Since(began)
	must(d.Play(ctx, plan))
	for {
		left, err := orders.GetProperties(ctx, nil)
		must(err)
		if *left.ApproximateMessagesCount == 0 {
			break
		}
		time.Sleep(l.visibility / 4)
		if ctx.Err() != nil {
			t.Fatal(context.Cause(ctx))
		}
	}
	must(d.Stop())

	l.judge(t, clients)
	works, repeated := 0, 0
	for _, one := range s.all {
		if one.Step == worker.StepWork {
			works++
			if one.Deliveries > 1 {
				repeated++
			}
		}
	}
	asked := 0
	for _, n := range l.post.asked {
		asked += n
	}
	t.Logf("%d messages, %d instances, %d acts of trouble: %v to enqueue, %v to work; %d deliveries worked on, %d of them repeated; %d letters asked for",
		l.messages, l.instances, len(plan), enqueued, time.Since(began)-enqueued, works, repeated, asked)
	// If nothing was ever repeated, nothing was tested.
	if repeated < l.messages/100 || asked == len(l.post.asked) {
		t.Errorf("only %d repeated deliveries, and %d repeated letters", repeated, asked-len(l.post.asked))
	}
}

// enqueue puts n messages, by a few senders at a time. None of them retries: a retry could
// make two messages of one.
func enqueue(ctx context.Context, orders *azqueue.QueueClient, n int) error {
	const senders = 8
	errs := make([]error, senders)
	var all sync.WaitGroup
	for sender := range senders {
		all.Go(func() {
			for i := sender; i < n && errs[sender] == nil; i += senders {
				_, errs[sender] = orders.EnqueueMessage(ctx, strconv.Itoa(i), nil)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// judge looks at what is left behind.
func (l *load) judge(t *testing.T, clients storage.Clients) {
	t.Helper()
	ctx := t.Context()
	times := make([]int, l.messages)
	for i := range cells {
		book, _, err := idem.Load[ledger](ctx, cell(clients, i))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range book.Entries {
			times[n]++
		}
	}
	for n, entered := range times {
		if entered != 1 {
			t.Errorf("message %d was entered %d times", n, entered)
		}
	}
	var letters []string
	for n := 0; n < l.messages; n += mailed {
		letters = append(letters, fmt.Sprint("letter-", n))
	}
	delivered := []string{}
	for key := range l.post.asked {
		delivered = append(delivered, key)
	}
	slices.Sort(letters)
	slices.Sort(delivered)
	if !slices.Equal(delivered, letters) {
		t.Errorf("%d letters were delivered, want %d", len(delivered), len(letters))
	}
	poison, err := clients.Queues.NewQueueClient("orders-poison").GetProperties(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if *poison.ApproximateMessagesCount != 0 {
		t.Errorf("%d messages were given up", *poison.ApproximateMessagesCount)
	}
}

// Forty minutes in about ten seconds; with -short a fifth of it.
func TestLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &load{
			service: storage.New("demo"), messages: 10_000, instances: 4,
			visibility: 30 * time.Second, loss: 0.005,
			trouble: role.Trouble{Instances: 4, For: 40 * time.Minute, Up: 4 * time.Minute, Down: 2 * time.Minute},
			delay:   [2]time.Duration{2 * time.Millisecond, 80 * time.Millisecond},
			work:    [2]time.Duration{0, 12 * time.Second},
			answer:  4 * time.Second,
			limit:   12 * time.Hour,
		}
		if testing.Short() {
			l.messages /= 5
			l.trouble.For /= 5
			l.trouble.Up /= 3
		}
		l.test(t)
	})
}

// The same against Azurite, in real time: leases of two seconds, a plan to match, and fewer
// messages, as Azurite handles some fifty in a second. IDEMLINT_LONG makes it 10,000.
func TestLoadOnAzurite(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute of real time: left out with -short")
	}
	l := &load{
		service: startAzurite(t), messages: 1_500, instances: 4,
		visibility: 2 * time.Second, loss: 0.005,
		trouble: role.Trouble{Instances: 4, For: 25 * time.Second, Up: 4 * time.Second, Down: 4 * time.Second},
		delay:   [2]time.Duration{0, 5 * time.Millisecond},
		work:    [2]time.Duration{0, 600 * time.Millisecond},
		answer:  200 * time.Millisecond,
		limit:   2 * time.Minute,
	}
	if os.Getenv("IDEMLINT_LONG") != "" {
		l.messages, l.limit = 10_000, 15*time.Minute
		l.trouble.For *= 6
	}
	l.test(t)
}
