package role

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// Deployment is a role in n instances. Safe for concurrent use.
type Deployment struct {
	ctx     context.Context // of the lives it starts
	service Service
	role    Role

	mu       sync.Mutex
	slots    []*Instance // the newest life in each slot
	starting []bool      // slots whose next life is being made
	all      []*Instance // every life, for Close
	next     int         // slot that gets the next request of the web role
	stops    sync.WaitGroup
}

// Deploy starts n instances, called <role>_IN_0 and so on as Azure calls them. When ctx
// is cancelled they are told to stop.
func Deploy(ctx context.Context, service Service, r Role, n int) (*Deployment, error) {
	d := &Deployment{
		ctx: ctx, service: service, role: r.withDefaults(),
		slots: make([]*Instance, n), starting: make([]bool, n),
	}
	for i := range n {
		if err := d.Start(i); err != nil {
			d.Close()
			return nil, err
		}
	}
	return d, nil
}

// Len is the number of instances.
func (d *Deployment) Len() int { return len(d.slots) }

// Instance is the newest life of instance i.
func (d *Deployment) Instance(i int) *Instance {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.slots[i]
}

// ErrRunning is Start's error for an instance that lives.
var ErrRunning = errors.New("role: instance is running")

// Start begins a new life of instance i, when its last one is over or about to be: while
// one process still stops, its successor may run already.
func (d *Deployment) Start(i int) error {
	if !d.claim(i) {
		return ErrRunning
	}
	// The lock is not held: making a handler may take requests, and so time.
	in, err := Start(d.ctx, d.service, d.role, fmt.Sprintf("%s_IN_%d", d.role.Name, i))
	d.mu.Lock()
	defer d.mu.Unlock()
	d.starting[i] = false
	if err != nil {
		return err
	}
	d.slots[i] = in
	d.all = append(d.all, in)
	return nil
}

// claim takes slot i for a new life, when none is in it or on its way.
func (d *Deployment) claim(i int) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if in := d.slots[i]; d.starting[i] || in != nil && in.Ended() == nil && !in.isStopping() {
		return false
	}
	d.starting[i] = true
	return true
}

func (in *Instance) isStopping() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.stopping
}

// Do sends a request to an instance of the web role that lives, each in turn. A frozen
// one has its turn too: a load balancer does not know better at once. Without a living
// instance the error is that of the last one asked.
func (d *Deployment) Do(r *http.Request) (*http.Response, error) {
	err := ErrStopped
	for range d.slots {
		in := d.turn()
		if err = in.Ended(); err != nil {
			continue
		}
		if in.isStopping() {
			err = ErrStopped
			continue
		}
		return in.Do(r)
	}
	return nil, err
}

func (d *Deployment) turn() *Instance {
	d.mu.Lock()
	defer d.mu.Unlock()
	in := d.slots[d.next]
	d.next = (d.next + 1) % len(d.slots)
	return in
}

// Stop stops all instances at the same time, each as by [Instance.Stop], and waits. It
// returns what the instances that were still alive returned.
func (d *Deployment) Stop() error {
	d.mu.Lock()
	slots := append([]*Instance(nil), d.slots...)
	d.mu.Unlock()
	errs := make([]error, len(slots))
	var all sync.WaitGroup
	for i, in := range slots {
		if in.Ended() == nil {
			all.Go(func() { errs[i] = in.Stop() })
		}
	}
	all.Wait()
	return errors.Join(errs...)
}

// Close kills all instances, and waits for the code of every life there was. A deployment
// in a synctest bubble must be closed before the bubble ends.
func (d *Deployment) Close() {
	d.mu.Lock()
	all := append([]*Instance(nil), d.all...)
	d.mu.Unlock()
	for _, in := range all {
		in.Kill()
	}
	for _, in := range all {
		<-in.Done()
	}
	d.stops.Wait()
}
