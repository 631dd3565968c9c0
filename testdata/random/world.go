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

// Worlds are those that a plan is played in: one in which the messages concern the same
// thing, and one in which they do not. What breaks in neither survives.
func (p Plan) Worlds() []play.World {
	return []play.World{p.world("same", "k-7", "k-7", "k-7"), p.world("different", "k-7", "k-8", "k-9")}
}

// schedules with two faults are played so many for each world, besides all those with
// one.
const schedules = 40

func (p Plan) world(name string, groups ...string) play.World {
	s := &source{plan: p, theme: themes[p.Theme%len(themes)]}
	w := play.World{Name: name, Queue: s.theme.many, Blobs: map[string]string{}, Rows: map[string]string{}, Schedules: schedules}
	// One amount is large; the greatest is not the last.
	all := []message{{"id-17", groups[0], 40}, {"id-18", groups[1], 150}, {"id-19", groups[2], 70}, {"id-20", groups[0], 90}}
	for _, m := range all[:p.messages()] {
		w.Messages = append(w.Messages, fmt.Sprintf(`{"id":%q,%q:%q,%q:%d}`, m.id, s.theme.group, m.group, s.amountName(), m.n))
		for _, step := range p.Steps {
			if step.Kind != "" && step.Kind != "create" && step.Kind != "change" {
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
