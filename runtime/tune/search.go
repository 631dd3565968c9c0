package tune

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Price makes one number of what comes out of a run. Only the proportions matter, so one
// of them can as well be 1.
type Price struct {
	// Delay is of one second of one message's delay. Default: 1; negative: nothing.
	Delay float64
	// Duplicate is of one execution too many. Default: 60, as much as a minute of delay;
	// negative: nothing.
	Duplicate float64
	// Request is of one request. Default: 0.001; negative: nothing.
	Request float64
}

func (p Price) withDefaults() Price {
	for _, one := range []struct {
		price *float64
		value float64
	}{{&p.Delay, 1}, {&p.Duplicate, 60}, {&p.Request, 0.001}} {
		if *one.price == 0 {
			*one.price = one.value
		}
		*one.price = max(*one.price, 0)
	}
	return p
}

// of is the price of a run for each message.
func (p Price) of(r Run) float64 {
	var delay float64
	for _, d := range r.Delays {
		delay += d.Seconds()
	}
	total := p.Delay*delay + p.Duplicate*float64(r.Executions-r.Messages) + p.Request*float64(r.Requests)
	return total / float64(r.Messages)
}

// Effort is how much is simulated.
type Effort struct {
	// Screen is how many runs each setting of the grid gets. Default: 2.
	Screen int
	// Runs is how many runs, others, those settings get that may be the choice, and those
	// that are shown. Default: 30; at least 2.
	Runs int
	// Seed makes the runs. Default: 0, and that is a seed like any other.
	Seed uint64
}

func (e Effort) withDefaults() Effort {
	if e.Screen == 0 {
		e.Screen = 2
	}
	if e.Runs == 0 {
		e.Runs = 30
	}
	return e
}

func (e Effort) check() error {
	if e.Screen < 1 || e.Runs < 2 || e.Screen > 10_000 || e.Runs > 10_000 {
		return fmt.Errorf("%d runs of each setting and %d of those that may be chosen: want at least 1 and 2, at most 10000", e.Screen, e.Runs)
	}
	return nil
}

// Result is what became of one setting.
type Result struct {
	Setting
	Mean, P99  time.Duration // of the delay, over the messages of all runs
	Duplicates float64       // executions too many, per 1,000 messages
	Requests   float64       // per message
	Undone     int           // messages that no handler finished with
	Cost       float64       // per message
	Half       float64       // half of Cost's interval of confidence, of 95%
	// Worse is by how much Cost is above the choice's, under the same misfortunes, and
	// WorseHalf half of its interval: all those intervals are right together, in 95% of
	// searches.
	Worse, WorseHalf float64

	costs []float64 // of each run
}

// Alike: the runs do not tell it from the choice.
func (r Result) Alike() bool { return r.Undone == 0 && r.Worse <= r.WorseHalf }

// Choice is what a search found.
type Choice struct {
	// Best has the least cost of those that left no message undone.
	Best Result
	// Results are the settings that got all runs, from the least cost to the most. Those
	// with messages undone come last.
	Results []Result
	// Defaults are those of [SDKDefault] and [RuntimeDefault], to compare.
	Defaults []Result
	// Tried is how many settings the grid has.
	Tried int

	World World // with its defaults
	Price Price
	Grid  Grid
	Runs  int
}

// Find is the result of a setting of the grid, if it got all runs: the choice did, what
// differs from it only in the lease (Visibility, Renew) or only in the client (Timeout,
// Retry), and some others.
func (c Choice) Find(s Setting) (Result, bool) {
	for _, r := range c.Results {
		if r.Setting == s {
			return r, true
		}
	}
	return Result{}, false
}

// contenders is how many of the best of the grid get all runs.
const contenders = 12

// Search simulates the settings of the grid, and chooses. All of them get a few runs; then
// the best twelve get all runs, with other seeds, so that the choice is not one that was
// lucky before, and so do the neighbours of the best of these: the other leases with its
// client, and the other clients with its lease. When one of them is better it is the
// choice, and so on.
//
// Search fails for a world, a grid or an effort that is out of range, and when every
// setting leaves messages undone.
func Search(w World, g Grid, p Price, e Effort) (Choice, error) {
	w, p, e = w.withDefaults(), p.withDefaults(), e.withDefaults()
	if err := errors.Join(w.check(), e.check()); err != nil {
		return Choice{}, err
	}
	g = g.withDefaults(&w)
	settings, err := g.settings()
	if err != nil {
		return Choice{}, err
	}
	screened, err := results(&w, settings, p, e.Seed, 0, e.Screen)
	if err != nil {
		return Choice{}, err
	}
	slices.SortStableFunc(screened, byCost)
	var wanted []Setting
	for _, r := range screened[:min(contenders, len(screened))] {
		wanted = append(wanted, r.Setting)
	}
	c := Choice{Tried: len(settings), World: w, Price: p, Grid: g, Runs: e.Runs}
	for len(wanted) > 0 {
		more, err := results(&w, wanted, p, e.Seed, e.Screen, e.Runs)
		if err != nil {
			return Choice{}, err
		}
		c.Results = append(c.Results, more...)
		c.sort()
		wanted = c.neighbours()
	}
	if c.Best.Undone > 0 {
		return Choice{}, errors.New("every setting leaves messages undone: the grid needs longer visibility timeouts, or renewal")
	}
	if c.Defaults, err = results(&w, []Setting{SDKDefault, RuntimeDefault}, p, e.Seed, e.Screen, e.Runs); err != nil {
		return Choice{}, err
	}
	c.compare()
	return c, nil
}

// byCost puts the cheaper first, and settings that leave messages undone last.
func byCost(a, b Result) int {
	if undone := min(a.Undone, 1) - min(b.Undone, 1); undone != 0 {
		return undone
	}
	return cmp.Compare(a.Cost, b.Cost)
}

// sort puts the results in order, and chooses the first.
func (c *Choice) sort() {
	slices.SortStableFunc(c.Results, byCost)
	c.Best = c.Results[0]
}

// neighbours are those of the choice that have no result yet.
func (c *Choice) neighbours() []Setting {
	var missing []Setting
	add := func(s Setting) {
		if _, found := c.Find(s); !found && !slices.Contains(missing, s) {
			missing = append(missing, s)
		}
	}
	for _, visibility := range c.Grid.Visibility {
		for _, renew := range c.Grid.Renew {
			s := c.Best.Setting
			s.Visibility, s.Renew = visibility, renew
			add(s)
		}
	}
	for _, timeout := range c.Grid.Timeout {
		for _, retry := range c.Grid.Retry {
			s := c.Best.Setting
			s.Timeout, s.Retry = timeout, retry
			add(s)
		}
	}
	return missing
}

// compare fills in by how much the results are worse than the choice.
func (c *Choice) compare() {
	// As many intervals as there are others must be right at once: each may be wrong with
	// a share of the 5% only (Bonferroni).
	miss := 0.05 / float64(len(c.Results)-1+len(c.Defaults))
	for _, list := range [][]Result{c.Results, c.Defaults} {
		for i, r := range list {
			differences := make([]float64, len(r.costs))
			for run := range differences {
				differences[run] = r.costs[run] - c.Best.costs[run]
			}
			d := estimated(differences, miss)
			list[i].Worse, list[i].WorseHalf = d.mean, d.half
		}
	}
}

// results runs the settings, each with the seeds from+1 to from+n of the search's seed.
func results(w *World, settings []Setting, p Price, seed uint64, from, n int) ([]Result, error) {
	all := make([]Result, len(settings))
	errs := make([]error, len(settings))
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				all[i], errs[i] = result(w, settings[i], p, seed, from, n)
			}
		})
	}
	for i := range settings {
		next <- i
	}
	close(next)
	workers.Wait()
	return all, errors.Join(errs...)
}

func result(w *World, s Setting, p Price, seed uint64, from, n int) (Result, error) {
	r := Result{Setting: s}
	delays := NewDurations()
	var sum, count, executions, requests float64
	for run := from + 1; run <= from+n; run++ {
		one, err := simulate(w, s, mix(seed)+uint64(run))
		if err != nil {
			return Result{}, fmt.Errorf("%v: %w", s, err)
		}
		for _, d := range one.Delays {
			sum += d.Seconds()
			delays.Add(d)
		}
		count += float64(one.Messages)
		executions += float64(one.Executions)
		requests += float64(one.Requests)
		r.Undone += one.Undone
		r.costs = append(r.costs, p.of(one))
	}
	r.Mean = time.Duration(sum / math.Max(float64(delays.Len()), 1) * float64(time.Second))
	r.P99 = delays.Quantile(0.99)
	r.Duplicates = 1000 * (executions - count) / count
	r.Requests = requests / count
	cost := estimated(r.costs, 0.05)
	r.Cost, r.Half = cost.mean, cost.half
	return r, nil
}
