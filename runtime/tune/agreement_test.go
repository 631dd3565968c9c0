package tune

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/storage"
	"github.com/idemlint/idemlint/runtime/worker"
)

// The simulation and package worker on the official client, with the same arrivals, the
// same work and the same losses, begin and end with the same deliveries at the same
// microsecond. So what the simulation models is what the runtime does.
//
// Not compared: crashes and freezes (closed forms check those), and exponential retries,
// whose chance is azcore's own.
func TestAgreesWithTheRuntime(t *testing.T) {
	work, err := Sample("medium")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		setting Setting
		workers int
	}{
		{Setting{Visibility: 30 * time.Second, Renew: 3, Timeout: time.Second}, 1},
		{Setting{Visibility: 10 * time.Second, Renew: 3, Timeout: 5 * time.Second, Retry: Retry{Retries: 3}}, 3},
		{Setting{Visibility: 5 * time.Second, Renew: 2, Timeout: 200 * time.Millisecond, Retry: Retry{Retries: 1}}, 3},
		{Setting{Visibility: 30 * time.Second, Timeout: time.Second}, 3},
		{Setting{Visibility: 3 * time.Second, Timeout: time.Second, Retry: Retry{Retries: 3}}, 2},
	} {
		t.Run(fmt.Sprint(c.setting, ", workers ", c.workers), func(t *testing.T) {
			w := World{
				Work: work, LostRequests: 0.04, LostAnswers: 0.04, Crash: -1, Freeze: -1,
				Messages: 60, Workers: c.workers, Deliveries: 1000, Redraw: true,
			}.withDefaults()
			if err := w.check(); err != nil {
				t.Fatal(err)
			}
			simulated := simulatedLog(t, &w, c.setting)
			played := playedLog(t, &w, c.setting)
			if !slices.Equal(simulated, played) {
				t.Errorf("they part at line %d:\nsimulated %s\nplayed    %s", parting(simulated, played),
					line(simulated, parting(simulated, played)), line(played, parting(simulated, played)))
			}
			if again := strings.Count(strings.Join(simulated, "\n"), "begins") - w.Messages; again < 1 {
				t.Errorf("no message was delivered twice: that compares nothing")
			}
		})
	}
}

func parting(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func line(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

const agreementSeed = 7

// entry is a line of a log. Entries of the same instant are sorted: which of two workers
// is first is chance in one of the logs.
func entry(at time.Duration, what string, message, delivery int) string {
	return fmt.Sprintf("%016d µs: message %d, delivery %d %s", at.Round(time.Microsecond).Microseconds(), message, delivery, what)
}

func simulatedLog(t *testing.T, w *World, s Setting) []string {
	sim := newSimulation(w, s, agreementSeed)
	var log []string
	sim.watch = func(what string, message, delivery int) {
		log = append(log, entry(sim.now, what, message, delivery))
	}
	if _, err := sim.play(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(log)
	return log
}

// playedLog is the same on package worker, in virtual time.
func playedLog(t *testing.T, w *World, s Setting) []string {
	var mu sync.Mutex
	var log []string
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		r := &rig{world: w, setting: s, sim: newSimulation(w, s, agreementSeed), account: storage.New("demo")}
		direct, err := r.account.Dial(r.account, policy.RetryOptions{MaxRetries: -1})
		if err != nil {
			t.Fatal(err)
		}
		queue := direct.Queues.NewQueueClient("orders")
		if _, err := queue.Create(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		for n := range w.Workers {
			loop := r.worker(t, n, func(what string, message, delivery int) {
				mu.Lock()
				defer mu.Unlock()
				log = append(log, entry(time.Since(began), what, message, delivery))
			})
			running.Go(func() {
				time.Sleep(r.sim.start(n))
				_ = loop.Run(ctx)
			})
		}
		for i, at := range r.sim.arrivals() {
			time.Sleep(time.Until(began.Add(at)))
			if _, err := queue.EnqueueMessage(t.Context(), strconv.Itoa(i), nil); err != nil {
				t.Error(err)
			}
		}
		for {
			time.Sleep(time.Minute)
			p, err := queue.GetProperties(t.Context(), nil)
			if err != nil {
				t.Error(err)
				break
			}
			if *p.ApproximateMessagesCount == 0 {
				break
			}
		}
		time.Sleep(time.Hour) // handlers that go on after the last delete
		stop()
		running.Wait()
		time.Sleep(time.Hour) // requests on their way
	})
	slices.Sort(log)
	return log
}

// rig is workers behind networks that lose what the simulation loses.
type rig struct {
	world   *World
	setting Setting
	sim     *simulation // for its chance
	account *storage.Account
}

func (r *rig) worker(t *testing.T, n int, note func(what string, message, delivery int)) *worker.Worker {
	net := &wire{rig: r, number: uint64(n), counts: map[string]int{}, numbers: map[string]uint64{}, renewals: map[string]uint64{}}
	// A nanosecond is what comes nearest to no pause: see Retry.
	retry := policy.RetryOptions{MaxRetries: int32(r.setting.Retry.Retries), RetryDelay: 1, MaxRetryDelay: 1, TryTimeout: r.setting.Timeout}
	if retry.MaxRetries == 0 {
		retry.MaxRetries = -1
	}
	client, err := azqueue.NewQueueClientWithNoCredential(r.account.QueueURL("orders"), &azqueue.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: net, Retry: retry, PerCallPolicies: []policy.Policy{newCall{}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	renew := time.Duration(-1)
	if r.setting.Renew > 0 {
		renew = r.setting.Visibility / time.Duration(r.setting.Renew)
	}
	loop, err := worker.New(client, func(ctx context.Context, m worker.Message) error {
		message, err := strconv.Atoi(m.Body)
		if err != nil {
			return err
		}
		note("begins", message, int(m.Deliveries))
		takes := r.world.Work.draw(r.sim.of(workTime, uint64(message), uint64(m.Deliveries)))
		done := time.NewTimer(takes)
		defer done.Stop()
		if r.setting.Renew == 0 {
			<-done.C // a plain loop knows nothing of its lease
		} else {
			select {
			case <-done.C:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		note("ends", message, int(m.Deliveries))
		return nil
	}, worker.Options{
		Visibility: r.setting.Visibility, RenewEvery: renew, DeleteTries: 1, RequestTimeout: 24 * time.Hour,
		PollMin: r.world.PollMin, PollMax: r.world.PollMax, Grace: 24 * time.Hour, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return loop
}

// newCall gives the tries of one call something in common.
type newCall struct{}

type callKey struct{}

type callState struct {
	tries uint64
	about named
}

func (newCall) Do(r *policy.Request) (*http.Response, error) {
	return r.Clone(context.WithValue(r.Raw().Context(), callKey{}, &callState{})).Next()
}

// wire is the network of one worker.
type wire struct {
	*rig
	number uint64

	mu       sync.Mutex
	gets     uint64
	numbers  map[string]uint64 // of messages, by ID
	counts   map[string]int    // of deliveries, by ID
	renewals map[string]uint64 // of this delivery, by ID
}

var errBroken = errors.New("connection broken")

// about names a request as the simulation does.
func (n *wire) about(r *http.Request, c *callState) named {
	n.mu.Lock()
	defer n.mu.Unlock()
	if c.tries > 0 {
		return c.about
	}
	id := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	switch r.Method {
	case http.MethodGet:
		n.gets++
		c.about = named{receiving, ^n.number, n.gets}
	case http.MethodPut:
		n.renewals[id]++
		c.about = named{renewing, n.numbers[id], uint64(n.counts[id])<<32 | n.renewals[id]}
	default:
		c.about = named{deleting, n.numbers[id], uint64(n.counts[id])}
	}
	return c.about
}

func (n *wire) Do(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	c := ctx.Value(callKey{}).(*callState)
	about := n.about(r, c)
	try := c.tries
	c.tries++
	u := func(what decision, about named) float64 {
		return n.sim.of(what, uint64(about.kind), about.a, about.b, try)
	}
	takes := n.world.Request.draw(u(roundTrip, about))
	isNoticed := u(noticed, about) < n.world.Noticed
	if u(lostWay, about) < n.world.LostRequests {
		if isNoticed {
			return nil, sleepOr(ctx, takes, errBroken)
		}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	type result struct {
		answer *http.Response
		err    error
	}
	back := make(chan result, 1)
	sent := r.Clone(context.WithoutCancel(ctx)) // it is on its way, whatever the client does
	if r.Body != nil {
		body, err := io.ReadAll(r.Body) // the client uses it again, for the next try
		if err != nil {
			return nil, err
		}
		sent.Body = io.NopCloser(bytes.NewReader(body))
	}
	go func() {
		time.Sleep(takes / 2)
		answer, err := n.account.Do(sent)
		if err != nil {
			back <- result{err: err}
			return
		}
		about := n.arrived(about, answer)
		if u(lostBack, about) < n.world.LostAnswers {
			if isNoticed {
				time.Sleep(takes - takes/2)
				back <- result{err: errBroken}
			}
			return
		}
		time.Sleep(takes - takes/2)
		back <- result{answer: answer}
	}()
	select {
	case b := <-back:
		return b.answer, b.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// arrived looks into the answer to a receive.
func (n *wire) arrived(about named, answer *http.Response) named {
	if about.kind != receiving {
		return about
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return about
	}
	text := string(body)
	answer.Body = io.NopCloser(strings.NewReader(text))
	id := element(text, "MessageId")
	if id == "" {
		return about
	}
	number, _ := strconv.ParseUint(element(text, "MessageText"), 10, 64)
	count, _ := strconv.Atoi(element(text, "DequeueCount"))
	n.mu.Lock()
	defer n.mu.Unlock()
	n.numbers[id], n.counts[id], n.renewals[id] = number, count, 0
	return named{receiving, number, uint64(count)}
}

func sleepOr(ctx context.Context, d time.Duration, err error) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
