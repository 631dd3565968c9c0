package worker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/idemlint/idemlint/runtime/role"
	"github.com/idemlint/idemlint/runtime/worker"
)

// What the recorder writes is what the worker did, and can be read again.
func TestRecorder(t *testing.T) {
	inWorld(t, func(w world) {
		w.put("tea", "milk")
		kept := &samples{}
		var read []worker.Sample
		in, err := role.Start(w.Context(), w.account, role.Role{ScratchDir: w.TempDir(), Run: func(ctx context.Context, in *role.Instance) error {
			recorder := worker.NewRecorder(in.Scratch(), "worker.jsonl", 0)
			loop, err := worker.New(in.Clients().Queues.NewQueueClient("orders"), func(_ context.Context, m worker.Message) error {
				time.Sleep(41 * time.Second)
				if m.Body == "milk" {
					return errors.New("sour")
				}
				return nil
			}, worker.Options{Log: quiet, Observer: both{kept, recorder}})
			if err != nil {
				return err
			}
			if err := loop.Run(ctx); err != nil {
				return err
			}
			file, err := in.Scratch().ReadFile("worker.jsonl")
			if err != nil {
				return err
			}
			if !bytes.HasPrefix(file, []byte(`{"at":"2000-01-01T00:00:00Z","step":"receive","ns":0,"outcome":"ok","count":1}`+"\n")) {
				w.Errorf("the file begins %.80q", file)
			}
			torn := append(file, `{"at":"2000-01-01T00:0`...) // the process died here
			var skipped int
			read, skipped, err = worker.ReadSamples(bytes.NewReader(torn))
			if skipped != 1 || recorder.Dropped() != 0 {
				w.Errorf("%d lines skipped, %d dropped; want 1, 0", skipped, recorder.Dropped())
			}
			return err
		}}, "test")
		w.must(err)
		time.Sleep(100 * time.Second)
		w.must(in.Stop())

		if fmt.Sprint(summary(read)) != fmt.Sprint(summary(kept.all)) {
			w.Errorf("read\n%s\nobserved\n%s", summary(read), summary(kept.all))
		}
		want := "receive ok 0s 0s|renew ok 0s 0s|work ok 41s 0s|delete ok 0s 0s|" +
			"receive ok 0s 0s|renew ok 0s 0s|work failed 41s 41s|receive empty 0s 0s"
		if got := strings.Join(summary(read), "|"); !strings.HasPrefix(got, want) {
			w.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

func summary(all []worker.Sample) []string {
	var lines []string
	for _, s := range all {
		lines = append(lines, fmt.Sprint(s.Step, " ", s.Outcome, " ", s.Took, " ", s.Waited))
	}
	return lines
}

type both struct{ a, b worker.Observer }

func (o both) Observe(s worker.Sample) { o.a.Observe(s); o.b.Observe(s) }

// The newest samples are kept, within the limit.
func TestRecorderKeepsToItsLimit(t *testing.T) {
	inWorld(t, func(w world) {
		in, err := role.Start(w.Context(), w.account, role.Role{Scratch: 1000, ScratchDir: w.TempDir()}, "test")
		w.must(err)
		defer func() { w.must(in.Stop()) }()
		r := worker.NewRecorder(in.Scratch(), "w", 1000)
		for i := range 100 {
			r.Observe(worker.Sample{Step: worker.StepReceive, Count: i})
		}
		if used := in.Scratch().Used(); used > 1000 || used < 500 {
			w.Errorf("%d bytes used, want 500 to 1000", used)
		}
		var all []worker.Sample
		for _, name := range []string{"w.old", "w"} {
			file, err := in.Scratch().ReadFile(name)
			w.must(err)
			samples, skipped, err := worker.ReadSamples(bytes.NewReader(file))
			w.must(err)
			if skipped > 0 {
				w.Errorf("%d torn lines in %s", skipped, name)
			}
			all = append(all, samples...)
		}
		for i, s := range all {
			if want := 100 - len(all) + i; s.Count != want {
				w.Fatalf("sample %d is number %d, want %d", i, s.Count, want)
			}
		}
		if r.Dropped() != 0 {
			w.Errorf("%d dropped", r.Dropped())
		}
	})
}

// Neither a full scratch nor a lost one disturbs the work.
func TestRecorderMayLoseItsFile(t *testing.T) {
	inWorld(t, func(w world) {
		in, err := role.Start(w.Context(), w.account, role.Role{Scratch: 100, ScratchDir: w.TempDir()}, "test")
		w.must(err)
		r := worker.NewRecorder(in.Scratch(), "w", 0)
		r.Observe(worker.Sample{Step: worker.StepReceive, Count: 1})
		r.Observe(worker.Sample{Step: worker.StepReceive, Count: 2}) // over the quota
		if r.Dropped() != 1 {
			w.Errorf("%d dropped, want 1", r.Dropped())
		}
		w.must(in.Freeze())
		w.must(in.Thaw())
		r.Observe(worker.Sample{Step: worker.StepReceive, Count: 3})
		if file, err := in.Scratch().ReadFile("w"); err != nil || !strings.Contains(string(file), `"count":3`) {
			w.Errorf("after the thaw: %q, %v", file, err)
		}
		w.must(in.Stop())
		r.Observe(worker.Sample{})
		if r.Dropped() != 2 {
			w.Errorf("%d dropped, want 2", r.Dropped())
		}
	})
}
