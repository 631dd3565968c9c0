package tune

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/worker"
)

// Measured is what was found in a file of durations.
type Measured struct {
	// Work is how long handlers took that finished.
	Work *Durations
	// Request is how long answered requests of the loop took; nil when the file has none.
	Request *Durations
	// Unanswered is how many requests ended without an answer, of Requests.
	Unanswered, Requests int
	// Cut is how many handlers were cancelled as their lease was lost: work that is longer
	// than any in Work, perhaps.
	Cut int
	// Skipped is how many lines were no samples: torn by a crash, as a rule.
	Skipped int
}

// Read reads what a worker.Recorder wrote, or one duration a line: "1.5s", "200ms", or a
// number of seconds; empty lines and those that begin with # do not count. The first line
// decides which. name is what errors call the file.
//
// It fails when there is no duration of work, and for a line that is not a duration.
func Read(name string, from io.Reader) (Measured, error) {
	text := bufio.NewReader(from)
	m := Measured{Work: NewDurations()}
	first, err := text.Peek(1)
	switch {
	case err != nil && err != io.EOF:
		return m, fmt.Errorf("%s: %w", name, err)
	case len(first) > 0 && first[0] == '{':
		err = m.samples(text)
	default:
		err = m.plain(text)
	}
	if err == nil && m.Work.Len() == 0 {
		err = errNothing
	}
	if err != nil {
		return m, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// Merge adds what was found in another file.
func (m *Measured) Merge(other Measured) {
	if m.Work == nil {
		m.Work = NewDurations()
	}
	m.Work.merge(other.Work)
	if other.Request != nil {
		if m.Request == nil {
			m.Request = NewDurations()
		}
		m.Request.merge(other.Request)
	}
	m.Unanswered += other.Unanswered
	m.Requests += other.Requests
	m.Cut += other.Cut
	m.Skipped += other.Skipped
}

func (m *Measured) samples(from io.Reader) error {
	all, skipped, err := worker.ReadSamples(from)
	m.Skipped = skipped
	request := NewDurations()
	for _, s := range all {
		switch {
		case s.Step == worker.StepWork && s.Outcome == worker.OK:
			m.Work.Add(s.Took)
		case s.Step == worker.StepWork && s.Outcome == worker.Lost:
			m.Cut++
		case s.Step == worker.StepWork:
			// A handler that failed says nothing of how long the work takes.
		case s.Outcome == worker.Timeout || s.Outcome == worker.Failed:
			m.Requests++
			m.Unanswered++
		default:
			m.Requests++
			request.Add(s.Took)
		}
	}
	if request.Len() > 0 {
		m.Request = request
	}
	return err
}

func (m *Measured) plain(from io.Reader) error {
	lines := bufio.NewScanner(from)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		d, err := duration(line)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		m.Work.Add(d)
	}
	return lines.Err()
}

// duration reads "1.5s", or "1.5" for the same.
func duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if seconds, floatErr := strconv.ParseFloat(text, 64); floatErr == nil {
		d, err = time.Duration(seconds*float64(time.Second)), nil
		if !(seconds <= longest.Seconds()) { // NaN is not either
			d = -1
		}
	}
	if err != nil || d < 0 || d > longest {
		return 0, fmt.Errorf("%.40q is not a duration from 0 to 168h, such as 1.5s, 200ms or 1.5", text)
	}
	return d, nil
}
