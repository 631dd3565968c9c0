package random

import (
	"fmt"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/testdata/random/play"
)

// message is one of a world's messages.
type message struct {
	id, group string
	n         int
}

// Worlds are those that a plan is played in, until it breaks in one. What breaks in none
// survives.
func (p Plan) Worlds() []play.World {
	// One amount is large; where two are compared, the greater one is not always the last.
	amounts := []int{40, 150, 70, 90}
	same := p.world("same", schedules, amounts[:p.messages()], "k-7", "k-7", "k-7", "k-7")
	worlds := []play.World{same}
	if p.Batch > 1 {
		// A receive may bring fewer messages than it asked for. Messages that came together
		// came in no order, which hides what an old one does to a newer one.
		single := p.world("one at a time", schedules, amounts[:2], "k-7", "k-7")
		single.Single = true
		worlds = append(worlds, single)
	}
	branch := p.Delete == "arms" || p.Delete == "forgotten"
	if branch || slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Large }) {
		// What only some messages do must meet with another that does it too.
		all := p.world("all large", schedules, []int{150, 120}, "k-7", "k-7")
		all.Single = true
		worlds = append(worlds, all)
	}
	if branch {
		all := p.world("all small", schedules, []int{70, 40}, "k-7", "k-7")
		all.Single = true
		worlds = append(worlds, all)
	}
	return append(worlds, p.world("different", 1, amounts[:2], "k-7", "k-8"))
}

// Closer are worlds for what survived: one message with many more faults, then three.
func (p Plan) Closer() []play.World {
	alone := p.world("alone", 1500, []int{150}, "k-7")
	three := p.world("three", 120, []int{120, 150, 40}, "k-7", "k-7", "k-8")
	alone.Single, three.Single = true, true
	return []play.World{alone, three}
}

// schedules with two faults are played so many for each world, besides all those with
// one.
const schedules = 40

func (p Plan) world(name string, schedules int, amounts []int, groups ...string) play.World {
	s := p.source()
	w := play.World{Name: name, Queue: s.theme.many, Settings: p.settingsPath(), Blobs: map[string]string{}, Rows: map[string]string{}, Schedules: schedules}
	for i, n := range amounts {
		m := message{fmt.Sprint("id-", 17+i), groups[i], n}
		w.Messages = append(w.Messages, fmt.Sprintf(`{"id":%q,%q:%q,%q:%d}`, m.id, s.theme.group, m.group, s.amountName(), m.n))
		for _, step := range p.Steps {
			if !step.writes() || step.Kind == "send" {
				continue
			}
			path := p.path(step, m)
			kind, rest, _ := strings.Cut(path, " ")
			container, _, _ := strings.Cut(rest, "/")
			if kind == "blob" && w.Blobs[container+"/"] == "" {
				w.Blobs[container+"/"] = ""
			}
			switch {
			case step.Content == "random" && step.Kind == "" && !slices.Contains(w.Notice, path):
				w.Notice = append(w.Notice, path)
			case step.Content == "mixed":
				w.Change = append(w.Change, path)
			case step.Kind != "change" || step.Absent:
			case kind == "blob":
				w.Blobs[rest] = "{}"
			case step.flat():
				w.Rows[strings.TrimPrefix(rest, "data/")] = `{}`
			default:
				w.Rows[strings.TrimPrefix(rest, "data/")] = `{"Data":"{}"}`
			}
		}
	}
	return w
}

// messages is how many a plan's worlds have: as many as a batch, where each takes its time.
func (p Plan) messages() int {
	n := 2
	if p.Batch > 2 && p.seconds() > 0 {
		n = min(p.Batch, 4)
	}
	return n
}
