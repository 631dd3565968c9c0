package tune

import (
	"container/heap"
	"time"
)

// agenda is what will happen, in the order of time, and of planning for what happens at
// the same time.
type agenda struct {
	now    time.Duration // since the run began
	events eventHeap
	count  uint64
}

type event struct {
	at     time.Duration
	number uint64
	do     func()
}

// at plans do; for what has passed already, now.
func (a *agenda) at(t time.Duration, do func()) {
	a.count++
	heap.Push(&a.events, event{at: max(t, a.now), number: a.count, do: do})
}

// run lets everything happen.
func (a *agenda) run() {
	for len(a.events) > 0 {
		e := heap.Pop(&a.events).(event)
		a.now = e.at
		e.do()
	}
}

type eventHeap []event

func (h eventHeap) Len() int { return len(h) }

func (h eventHeap) Less(i, j int) bool {
	if h[i].at != h[j].at {
		return h[i].at < h[j].at
	}
	return h[i].number < h[j].number
}

func (h eventHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *eventHeap) Push(e any) { *h = append(*h, e.(event)) }

func (h *eventHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = event{} // lets the garbage collector have it
	*h = (*h)[:last]
	return e
}
