// Tune chooses a visibility timeout, a client timeout, a retry strategy, and whether to
// renew, for work whose durations were measured: see package tune.
//
//	tune [flags] file...
//
// A file is what worker.Recorder kept (worker.jsonl and worker.jsonl.old), or has one
// duration a line; - is the standard input. Without files, -work short, medium or long is
// made-up work.
//
// Exit codes: 0, or 2 when something was wrong with what it was given, with one line that
// says what.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/tune"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, in io.Reader, out, errs io.Writer) int {
	err := command(args, in, out, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(errs, "tune:", err)
		return 2
	}
	return 0
}

// options are the flags.
type options struct {
	world  tune.World
	grid   tune.Grid
	price  tune.Price
	effort tune.Effort
	work   string
	svg    string
	sends  bool
	files  []string
	// given are the names of the flags that were given.
	given map[string]bool
}

func command(args []string, in io.Reader, out, errs io.Writer) error {
	o, err := parse(args, errs)
	if err != nil {
		return err
	}
	if o.sends {
		return o.sendsTable(out)
	}
	notes, err := o.read(in)
	if err != nil {
		return err
	}
	if o.svg != "" {
		// A search takes its time: better to fail before it.
		if err := os.WriteFile(o.svg, nil, 0o644); err != nil {
			return err
		}
	}
	choice, err := tune.Search(o.world, o.grid, o.price, o.effort)
	if err != nil {
		return err
	}
	for _, note := range notes {
		fmt.Fprintln(out, note)
	}
	if err := choice.WriteTable(out); err != nil {
		return err
	}
	if o.svg == "" {
		return nil
	}
	picture, err := plotChoice(choice)
	if err != nil {
		return err
	}
	return os.WriteFile(o.svg, picture, 0o644)
}

func (o *options) sendsTable(out io.Writer) error {
	if len(o.files) > 0 {
		return errors.New("-sends needs no files: nobody works there")
	}
	all, err := tune.Sends(o.world, o.grid, o.effort)
	if err != nil {
		return err
	}
	return tune.WriteSends(out, all)
}

// read takes the durations from the files, and says what was found.
func (o *options) read(in io.Reader) (notes []string, err error) {
	if len(o.files) == 0 {
		if o.work == "" {
			return nil, errors.New("no durations: name the files that the recorder kept, or -work short, medium or long for made-up ones")
		}
		o.world.Work, err = tune.Sample(o.work)
		if err != nil {
			return nil, err
		}
		return []string{"work    made up: " + describe(o.world.Work)}, nil
	}
	if o.work != "" {
		return nil, errors.New("either files or -work, not both")
	}
	var all tune.Measured
	for _, name := range o.files {
		m, err := readFile(name, in)
		if err != nil {
			return nil, err
		}
		all.Merge(m)
	}
	o.world.Work, o.world.Request = all.Work, all.Request
	notes = append(notes, "work    measured: "+describe(all.Work))
	if all.Request != nil {
		notes = append(notes, fmt.Sprintf("request measured: %s; %d of %d had no answer", describe(all.Request), all.Unanswered, all.Requests))
	}
	if share := float64(all.Unanswered) / float64(max(all.Requests, 1)); share > 0 && share < 1 && !o.given["lost-requests"] && !o.given["lost-answers"] {
		// Nobody can tell a lost request from a lost answer.
		o.world.LostRequests, o.world.LostAnswers = share/2, share/2
		notes = append(notes, fmt.Sprintf("losses  %.4f of the requests and of the answers, from that", share/2))
	}
	if all.Cut > 0 {
		notes = append(notes, fmt.Sprintf("careful handlers that lost their lease and were cut short: %d; the work is longer than what was measured", all.Cut))
	}
	if all.Skipped > 0 {
		notes = append(notes, fmt.Sprintf("careful lines that are no samples: %d", all.Skipped))
	}
	return notes, nil
}

func readFile(name string, in io.Reader) (tune.Measured, error) {
	if name == "-" {
		return tune.Read("standard input", in)
	}
	f, err := os.Open(name)
	if err != nil {
		return tune.Measured{}, err
	}
	defer f.Close()
	return tune.Read(name, f)
}

func describe(d *tune.Durations) string {
	round := func(t time.Duration) string {
		unit := time.Microsecond
		for unit*1000 <= t {
			unit *= 10
		}
		return t.Round(unit).String()
	}
	return fmt.Sprintf("%d, median %s, mean %s, p99 %s, longest %s",
		d.Len(), round(d.Quantile(0.5)), round(d.Mean()), round(d.Quantile(0.99)), round(d.Quantile(1)))
}

// parse reads the flags. A mistake is one line, without the list of flags: that is -h.
func parse(args []string, errs io.Writer) (*options, error) {
	o := &options{given: map[string]bool{}}
	flags := flag.NewFlagSet("tune", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	w, w0 := &o.world, tune.Defaults()
	flags.StringVar(&o.work, "work", "", "made-up work: short (median 20ms), medium (2s, heavy tail) or long (3m)")
	flags.StringVar(&o.svg, "svg", "", "write a plot into this `file`")
	flags.BoolVar(&o.sends, "sends", false, "simulate EnqueueMessage instead of workers")

	list(flags, "visibility", "visibility `timeouts`, such as 30s,2m (default by the work)", &o.grid.Visibility, time.ParseDuration)
	list(flags, "renew", "`when` leases are renewed: no, or the part after which (default no,1/3)", &o.grid.Renew, tune.ParseRenew)
	list(flags, "timeout", "client `timeouts`, of one try; or none (default 200ms,1s,5s,30s,none)", &o.grid.Timeout, parseTimeout)
	list(flags, "retry", "retry `strategies` (default none,immediate:3,exponential:3)", &o.grid.Retry, tune.ParseRetry)

	number(flags, "price-delay", "price of a second of a message's delay", &o.price.Delay, 1)
	number(flags, "price-duplicate", "price of an execution too many", &o.price.Duplicate, 60)
	number(flags, "price-request", "price of a request", &o.price.Request, 0.001)

	number(flags, "lost-requests", "share of tries whose request is lost", &w.LostRequests, w0.LostRequests)
	number(flags, "lost-answers", "share of tries whose answer is lost", &w.LostAnswers, w0.LostAnswers)
	number(flags, "noticed", "share of losses that the client notices at once", &w.Noticed, w0.Noticed)
	flags.DurationVar(&w.Hang, "hang", w0.Hang, "until a dead connection is given up by the operating system")
	span(flags, "crash", "mean time between crashes of a worker, while it works; 0 for never", &w.Crash, w0.Crash)
	span(flags, "restart", "how long it is then away", &w.Restart, w0.Restart)
	span(flags, "freeze", "mean time between freezes of a worker, while it works; 0 for never", &w.Freeze, w0.Freeze)
	span(flags, "frozen", "how long a freeze lasts", &w.Frozen, w0.Frozen)

	flags.IntVar(&w.Messages, "messages", w0.Messages, "messages in a run")
	flags.IntVar(&w.Workers, "workers", w0.Workers, "workers, with one message each")
	flags.Float64Var(&w.Load, "load", w0.Load, "share of their time for which they have work")
	flags.DurationVar(&w.PollMin, "poll-min", w0.PollMin, "first pause after a receive that brought nothing")
	flags.DurationVar(&w.PollMax, "poll-max", w0.PollMax, "longest such pause")
	flags.IntVar(&w.Deliveries, "deliveries", w0.Deliveries, "deliveries after which a message is put aside")
	flags.BoolVar(&w.Redraw, "redraw", false, "a message takes another time at each delivery")

	flags.IntVar(&o.effort.Screen, "screen", 2, "runs of each setting")
	flags.IntVar(&o.effort.Runs, "runs", 30, "runs of those that may be chosen")
	flags.Uint64Var(&o.effort.Seed, "seed", 0, "of all chance")

	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		flags.SetOutput(errs)
		fmt.Fprintln(errs, "usage: tune [flags] file...")
		flags.PrintDefaults()
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s (tune -h lists the flags)", firstLine(err))
	}
	flags.Visit(func(f *flag.Flag) { o.given[f.Name] = true })
	o.files = flags.Args()
	return o, o.checkCounts()
}

// checkCounts refuses the zeros that package tune takes for "the default".
func (o *options) checkCounts() error {
	for _, one := range []struct {
		name string
		zero bool
	}{
		{"hang", o.world.Hang == 0},
		{"messages", o.world.Messages == 0},
		{"workers", o.world.Workers == 0},
		{"load", o.world.Load == 0},
		{"poll-min", o.world.PollMin == 0},
		{"poll-max", o.world.PollMax == 0},
		{"deliveries", o.world.Deliveries == 0},
		{"screen", o.effort.Screen == 0},
		{"runs", o.effort.Runs == 0},
	} {
		if one.zero {
			return fmt.Errorf("-%s 0: want more", one.name)
		}
	}
	return nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
