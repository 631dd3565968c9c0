package explore

import (
	"cmp"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// bubble plays one schedule in a bubble of its own.
func (e *explorer) bubble(s Schedule, begin time.Duration) *outcome {
	return e.inBubble(&play{world: &e.world, handler: e.handler, schedule: s, begin: begin})
}

func (e *explorer) inBubble(p *play) *outcome {
	p.fresh = &e.fresh
	p.spare, e.spare = e.spare, nil
	done := make(chan any, 1)
	go func() {
		var failure any = endedFromWithin{}
		defer func() {
			if r := recover(); r != nil {
				failure = r
			}
			done <- failure
		}()
		synctest.Test(e.t, func(*testing.T) {
			defer func() { p.broken = recover() }()
			p.perform()
			p.performed = true
		})
		failure = nil
	}()
	watchdog := time.NewTimer(e.world.Limits.Watchdog)
	defer watchdog.Stop()
	select {
	case failure := <-done:
		e.played++
		e.operations += p.outcome.operations
		if p.broken != nil {
			panic(p.broken)
		}
		if failure != nil && !p.performed {
			panic(failure)
		}
		if failure == nil { // No goroutine is left that could use them.
			e.spare = append(p.spare, p.used...)
		}
		_, ended := failure.(endedFromWithin)
		if notEmpty := failure != nil && !ended; notEmpty && !p.outcome.crashed && p.outcome.harm == "" {
			// The handlers have returned long since.
			p.outcome.verdict = verdict{harm: Leak, text: e.leaked(p)}
		}
		return &p.outcome
	case <-watchdog.C:
		// The bubble may still be running: nothing of the play may be looked at.
		return &outcome{schedule: p.schedule, verdict: verdict{harm: Endless, text: fmt.Sprintf(
			"no rest within %s of real time: a loop without operations, or a wait for something outside of the bubble", e.world.Limits.Watchdog)}}
	}
}

// leaked says which goroutines p has left behind, by where they were started. For that it
// is played once more, since looking at stacks takes longer than playing.
func (e *explorer) leaked(p *play) string {
	text := fmt.Sprintf("goroutines are left behind %s after the handler's context was cancelled", grace)
	if p.wantID {
		if where := startedIn(p.bubbleID); len(where) > 0 {
			text += ", started at " + strings.Join(where, ", ")
		}
		return text
	}
	again := e.inBubble(&play{world: p.world, handler: p.handler, schedule: p.schedule, begin: p.begin, wantID: true})
	return cmp.Or(again.text, text)
}

var bubbleName = regexp.MustCompile(`synctest bubble \d+`)

// bubbleOf is what stack traces call the bubble of this goroutine.
func bubbleOf(wanted bool) string {
	if !wanted {
		return ""
	}
	header := make([]byte, 128)
	return bubbleName.FindString(string(header[:runtime.Stack(header, false)]))
}

// startedIn are the places where the goroutines of a bubble were started.
func startedIn(bubble string) []string {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	var places []string
	for trace := range strings.SplitSeq(string(all), "\n\n") {
		header, rest, _ := strings.Cut(trace, "\n")
		if bubbleName.FindString(header) != bubble || bubble == "" {
			continue
		}
		_, created, found := strings.Cut(rest, "created by ")
		_, file, _ := strings.Cut(created, "\n\t")
		file, _, _ = strings.Cut(file, " +0x")
		if place := file[strings.LastIndexByte(file, '/')+1:]; found && !slices.Contains(places, place) {
			places = append(places, place)
		}
	}
	slices.Sort(places)
	return places
}

// endedFromWithin is what is left of a bubble whose test was failed in it: by the race
// detector, which has printed why, or by a handler that calls t.FailNow.
type endedFromWithin struct{}

func (endedFromWithin) String() string { return "explore: the test was failed within a schedule" }
