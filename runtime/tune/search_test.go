package tune

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares with testdata/name, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not as before (-update writes it):\n%s", file, got)
	}
}

// smallSearch takes a second or two.
func smallSearch(t *testing.T, seed uint64) Choice {
	t.Helper()
	work, err := Sample("medium")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Search(
		World{Work: work, Messages: 100, LostRequests: 0.01, LostAnswers: 0.01, Crash: 10 * time.Minute},
		Grid{
			Visibility: []time.Duration{2 * time.Second, 30 * time.Second, 10 * time.Minute},
			Timeout:    []time.Duration{time.Second, 30 * time.Second},
			Retry:      []Retry{{}, {Retries: 3}},
		},
		Price{}, Effort{Screen: 1, Runs: 5, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The table, to the letter: however many processors there are, and each time.
func TestTable(t *testing.T) {
	var tables [2]bytes.Buffer
	for i, processors := range []int{1, 4} {
		before := runtime.GOMAXPROCS(processors)
		c := smallSearch(t, 1)
		runtime.GOMAXPROCS(before)
		if err := c.WriteTable(&tables[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(tables[0].Bytes(), tables[1].Bytes()) {
		t.Errorf("one processor:\n%s\nfour:\n%s", tables[0].String(), tables[1].String())
	}
	golden(t, "table.txt", tables[0].Bytes())
}

// The choice is the cheapest of all that got all runs, its neighbours are among those, and
// what is said of the difference to it is said of the same runs.
func TestChoice(t *testing.T) {
	c := smallSearch(t, 2)
	if c.Tried != 24 {
		t.Errorf("%d settings tried, want 3·2·2·2 = 24", c.Tried)
	}
	if len(c.neighbours()) != 0 {
		t.Errorf("neighbours of the choice without a result: %v", c.neighbours())
	}
	for _, r := range c.Results {
		if r.Cost < c.Best.Cost && r.Undone == 0 {
			t.Errorf("%v costs %.3f, and the choice %.3f", r.Setting, r.Cost, c.Best.Cost)
		}
		if len(r.costs) != c.Runs {
			t.Errorf("%v had %d runs, want %d", r.Setting, len(r.costs), c.Runs)
		}
		if difference := r.Cost - c.Best.Cost; difference-r.Worse > 1e-9 || r.Worse-difference > 1e-9 {
			t.Errorf("%v costs %.3f more, and Worse is %.3f", r.Setting, difference, r.Worse)
		}
	}
	if !c.Best.Alike() {
		t.Error("the choice is not like itself")
	}
}

// The prices decide: where only requests cost, nobody renews, since that is requests; where
// only duplicates cost, nobody has a lease that work can outlast.
func TestPrices(t *testing.T) {
	work, err := Sample("medium")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what  string
		price Price
		holds func(Result) bool
	}{
		{"requests", Price{Delay: -1, Duplicate: -1, Request: 1}, func(r Result) bool { return r.Renew == 0 || r.Visibility == 30*time.Minute }},
		{"duplicates", Price{Delay: -1, Duplicate: 1, Request: -1}, func(r Result) bool { return r.Visibility == 30*time.Minute || r.Renew > 0 }},
	} {
		choice, err := Search(World{Work: work, Messages: 200},
			Grid{Visibility: []time.Duration{5 * time.Second, 30 * time.Minute}, Timeout: []time.Duration{5 * time.Second}, Retry: []Retry{{Retries: 3}}},
			c.price, Effort{Screen: 1, Runs: 3})
		if err != nil {
			t.Fatal(err)
		}
		if !c.holds(choice.Best) {
			t.Errorf("where only %s cost the choice is %v", c.what, choice.Best.Setting)
		}
	}
}

// A setting that leaves messages undone is not chosen, however cheap; and when all do, that
// is an error.
func TestUndoneIsNoChoice(t *testing.T) {
	w := calm(time.Minute)
	w.Messages, w.Deliveries, w.Crash = 30, 2, time.Minute
	grid := Grid{Visibility: []time.Duration{2 * time.Minute}, Timeout: []time.Duration{time.Second}, Retry: []Retry{{}}}
	_, err := Search(w, grid, Price{}, Effort{Screen: 1, Runs: 2})
	if want := "every setting leaves messages undone: the grid needs longer visibility timeouts, or renewal"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	list := []Result{{Cost: 1, Undone: 3}, {Cost: 5}, {Cost: 2, Undone: 1}, {Cost: 4}}
	c := Choice{Results: list}
	c.sort()
	if got := []float64{c.Results[0].Cost, c.Results[1].Cost, c.Results[2].Cost, c.Results[3].Cost}; got[0] != 4 || got[1] != 5 || got[2] != 1 || got[3] != 2 {
		t.Errorf("order %v, want 4 5 1 2", got)
	}
}

// Efforts and grids out of range are refused.
func TestSearchRefuses(t *testing.T) {
	w := calm(time.Second)
	for want, search := range map[string]func() error{
		"-1 runs of each setting": func() error {
			_, err := Search(w, Grid{}, Price{}, Effort{Screen: -1, Runs: 2})
			return err
		},
		"visibility timeout 1ms": func() error {
			_, err := Search(w, Grid{Visibility: []time.Duration{time.Millisecond}}, Price{}, Effort{})
			return err
		},
		"no durations of work": func() error { _, err := Search(World{}, Grid{}, Price{}, Effort{}); return err },
		"client timeout -1s": func() error {
			_, err := Sends(w, Grid{Timeout: []time.Duration{-time.Second}}, Effort{})
			return err
		},
	} {
		if err := search(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v, want %s…", err, want)
		}
	}
}

// The table of sends, to the letter.
func TestSendsTable(t *testing.T) {
	all, err := Sends(World{LostRequests: 0.01, LostAnswers: 0.01, Messages: 200}, Grid{Timeout: []time.Duration{time.Second, 0}}, Effort{Runs: 5})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := WriteSends(&out, all); err != nil {
		t.Fatal(err)
	}
	golden(t, "sends.txt", out.Bytes())
}
