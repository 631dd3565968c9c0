package output

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/internal/finding"
)

// A schedule is a list of sentences. For a drawing, and to find the place in the code
// where a step happens, its messages are read off the sentences again by the rules
// below, the only place that knows how the checks word their steps. A step that no
// rule knows is drawn as its sentence alone.

// lane is one of the lifelines.
type lane int

const (
	queue lane = iota
	worker1
	worker2
	store
)

// Lanes are the lifelines' names, from left to right.
var lanes = [...]string{"queue", "worker 1", "worker 2", "store"}

// event is one thing that happens in a step: a message from one lifeline to another,
// or, where both are the same, something that happens at one.
type event struct {
	From, To lane
	Label    string
	// Lost marks a message that does not arrive, or is not sent at all.
	Lost bool
	// Crash marks the end of a worker.
	Crash bool
	// call is what the code calls, where the step names it.
	call string
}

// scene is one step.
type scene struct {
	Text   string
	Events []event
	// Harm marks the steps that tell the harm: the last, and where something is lost.
	Harm bool
}

// rule draws events where its pattern is found in a step. What is in the pattern's groups
// is taken: a later rule whose first group overlaps it is not applied. actor is the
// worker who is spoken of.
type rule struct {
	pattern *regexp.Regexp
	draw    func(m []string, actor lane) []event
}

func message(from, to lane, label string) event { return event{From: from, To: to, Label: label} }
func note(at lane, label string) event          { return event{From: at, To: at, Label: label} }

func lost(from, to lane, label string) event {
	return event{From: from, To: to, Label: label, Lost: true}
}

// get is a worker's GET and its answer, which brings a message.
func get(who lane, number, what string) []event {
	ask, answer := "GET (A)", "OK (B)"
	if number != "" {
		ask = "GET " + number + " (A)"
	}
	if what != "" {
		answer += ": " + what
	}
	return []event{message(who, queue, ask), message(queue, who, answer)}
}

// worker is the lifeline of a worker's number; there are two.
func worker(number string) lane {
	if number == "1" {
		return worker1
	}
	return worker2
}

// access is a call of the store, named where the step names it.
func access(from, to lane, call, verb string) event {
	e := event{From: from, To: to, Label: call, call: call}
	if call == "" {
		e.Label = verb
	}
	return e
}

func one(e event) []event { return []event{e} }

var rules = []rule{
	{regexp.MustCompile(`(GET (\d+) answered \(B\))`), func(m []string, _ lane) []event {
		return get(worker(m[2]), m[2], "")
	}},
	{regexp.MustCompile(`(worker (\d+) (?:gets the|receives a) message)`), func(m []string, _ lane) []event {
		return get(worker(m[2]), "", "")
	}},
	{regexp.MustCompile(`((?:(message \d+)|the message)(?:, [^,]*,)? is received)`), func(m []string, _ lane) []event {
		return get(worker2, "", m[2])
	}},
	{regexp.MustCompile(`(DELETE (\d+) lost \(C\))`), func(m []string, actor lane) []event {
		return one(lost(actor, queue, "DELETE "+m[2]+" (C) lost"))
	}},
	{regexp.MustCompile(`(no DELETE is sent \(C\))`), func(_ []string, actor lane) []event {
		return one(lost(actor, queue, "no DELETE (C)"))
	}},
	{regexp.MustCompile(`(DELETE(?: \d+)? fails)`), func(m []string, actor lane) []event {
		return one(lost(actor, queue, m[1]))
	}},
	{regexp.MustCompile(`(DELETE (\d+)[^;:]*? \(C\): it is refused)`), func(m []string, actor lane) []event {
		return one(lost(actor, queue, "DELETE "+m[2]+" (C) refused"))
	}},
	{regexp.MustCompile(`(DELETE (\d+)[^;:]*? \(C\))`), func(m []string, actor lane) []event {
		return one(message(actor, queue, "DELETE "+m[2]+" (C)"))
	}},
	{regexp.MustCompile(`(the queue deletes (?:the message|both)|the message is deleted with it)`), func([]string, lane) []event {
		return one(note(queue, "deletes it"))
	}},
	{regexp.MustCompile(`(deletes the message|is deleted)`), func(_ []string, actor lane) []event {
		return one(message(actor, queue, "DELETE (C)"))
	}},
	{regexp.MustCompile(`((or )?(?:worker \d )?crashes(?: before its work \([^)]*\))?)`), func(m []string, actor lane) []event {
		return one(event{From: actor, To: actor, Label: m[2] + "crashes", Crash: true})
	}},
	{regexp.MustCompile(`(renews[^(]*|settled) (?:\(([^)]+)\))(?:: it is (refused))?`), func(m []string, actor lane) []event {
		e := access(actor, queue, m[2], "")
		if m[3] != "" {
			e.Label, e.Lost = e.Label+" refused", true
		}
		return one(e)
	}},
	{regexp.MustCompile(`((?:(\S+) pass: )?the (?:renewed )?lease ends)`), func(m []string, _ lane) []event {
		if m[2] != "" {
			return one(note(queue, m[2]+": lease ends"))
		}
		return one(note(queue, "lease ends"))
	}},
	{regexp.MustCompile(`\b(reads|finds) (\d+|version \d+)?[^(;:,]*(?:\(([^)]+)\))?`), func(m []string, actor lane) []event {
		return one(access(store, actor, m[3], cmp.Or(m[2], m[1])))
	}},
	{regexp.MustCompile(`\b(tries to work)\b[^(;:,]*(?:\(([^)]+)\))?`), func(m []string, actor lane) []event {
		e := access(actor, store, m[2], "work")
		e.Label, e.Lost = e.Label+" fails", true
		return one(e)
	}},
	{regexp.MustCompile(`\b((?:writes|overwrites|changes|makes)\b(?: version \d+)?)[^(;:,]*(?:\(([^)]+)\))?`), func(m []string, actor lane) []event {
		return one(access(actor, store, m[2], m[1]))
	}},
	{regexp.MustCompile(`\b(works) \(([^)]+)\)`), func(m []string, actor lane) []event {
		return one(access(actor, store, m[2], m[1]))
	}},
	{regexp.MustCompile(`((\S+) is repeated)`), func(m []string, actor lane) []event {
		return one(access(actor, store, m[2], ""))
	}},
	{regexp.MustCompile(`(both do the work)`), func([]string, lane) []event {
		return []event{note(worker1, "works"), note(worker2, "works")}
	}},
	{regexp.MustCompile(`\b(works for [^;:,]*)`), func(m []string, actor lane) []event {
		return one(note(actor, m[1]))
	}},
	{regexp.MustCompile(`worker \d (?:takes [^;:,]* and )?(works|does the work|hands the work over|leaves)\b`), func(m []string, actor lane) []event {
		return one(note(actor, m[1]))
	}},
	{regexp.MustCompile(`(message waits)`), func([]string, lane) []event {
		return one(note(worker1, "waits"))
	}},
	{regexp.MustCompile(`\b(works on it|worked on again)`), func(_ []string, actor lane) []event {
		return one(note(actor, "works"))
	}},
	// Whatever a worker does by a call goes to the store's side; (A) to (D) are no calls.
	{regexp.MustCompile(`(\w \(([A-Za-z]\w[\w.]*)\))`), func(m []string, actor lane) []event {
		return one(access(actor, store, m[2], ""))
	}},
}

// stillWorks is no event: the sentence is about another one.
var (
	stillWorks = regexp.MustCompile(` while worker \d still works`)
	subject    = regexp.MustCompile(`worker (\d)|message(?: \d+)?(?:, [^,]*,)? is received|another instance`)
	harmful    = regexp.MustCompile(`\blost\b`)
)

// scenes reads the steps of a schedule.
func scenes(schedule []string) []scene {
	var list []scene
	for i, text := range schedule {
		s := read(oneLine(text))
		s.Harm = i == len(schedule)-1 || harmful.MatchString(strings.ReplaceAll(text, " lost (C)", ""))
		list = append(list, s)
	}
	return list
}

// read draws one step.
func read(text string) scene {
	type hit struct {
		at     int
		events []event
	}
	s := scene{Text: text}
	plain := stillWorks.ReplaceAllStringFunc(text, func(m string) string { return strings.Repeat(" ", len(m)) })
	var hits []hit
	taken := make([]bool, len(plain))
	for _, r := range rules {
		for _, at := range r.pattern.FindAllStringSubmatchIndex(plain, -1) {
			from, to := at[2], at[3]
			if slices.Contains(taken[from:to], true) {
				continue
			}
			m := make([]string, len(at)/2)
			for i := range m {
				if at[2*i] >= 0 {
					m[i] = plain[at[2*i]:at[2*i+1]]
				}
			}
			for group := 2; group < len(at); group += 2 {
				for i := max(at[group], 0); i < at[group+1]; i++ {
					taken[i] = true
				}
			}
			hits = append(hits, hit{from, r.draw(m, actor(plain[:to]))})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.at, b.at) })
	for _, h := range hits {
		s.Events = append(s.Events, h.events...)
	}
	return s
}

// actor is the worker whom the words speak of last.
func actor(words string) lane {
	who := worker1
	for _, m := range subject.FindAllStringSubmatch(words, -1) {
		who = worker(m[1])
	}
	return who
}

// places finds for each step the place in the code where it happens: among the places
// that take part, by what they are called; else where the step before it happened,
// which is the closest that is known.
func places(f finding.Finding) []finding.Related {
	last := finding.Related{Pos: f.Pos, Message: f.Message}
	if len(f.Related) > 0 {
		last = f.Related[0]
	}
	var list []finding.Related
	for _, s := range scenes(f.Schedule) {
		// A call says more of where a step happens than a receive on the way to it.
		slices.SortStableFunc(s.Events, func(a, b event) int { return cmp.Compare(b.call, a.call) })
		for _, e := range s.Events {
			if r, ok := place(f.Related, e); ok {
				last = r
				break
			}
		}
		list = append(list, finding.Related{Pos: last.Pos, Message: s.Text})
	}
	return list
}

func place(related []finding.Related, e event) (finding.Related, bool) {
	word := ""
	switch {
	case e.call != "":
		word = e.call
	case e.To == queue && strings.HasPrefix(e.Label, "GET"):
		word = "received here"
	case e.To == queue && strings.Contains(e.Label, "DELETE"):
		word = "settled here"
	default:
		return finding.Related{}, false
	}
	for _, r := range slices.Backward(related) {
		if strings.Contains(r.Message, word) {
			return r, true
		}
	}
	return finding.Related{}, false
}
