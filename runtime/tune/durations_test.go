package tune

import (
	"math"
	"strings"
	"testing"
	"time"
)

// What is drawn is distributed as what was measured, to the three digits of the histogram.
func TestDrawsAreWhatWasMeasured(t *testing.T) {
	measured, err := Sample("medium")
	if err != nil {
		t.Fatal(err)
	}
	measured.ready()
	drawn := NewDurations()
	for i := range uint64(200_000) {
		drawn.Add(measured.draw(chance(3).of(workTime, i)))
	}
	for _, q := range []float64{0.1, 0.5, 0.9, 0.99, 0.999} {
		want, got := measured.Quantile(q).Seconds(), drawn.Quantile(q).Seconds()
		if math.Abs(got/want-1) > 0.06 {
			t.Errorf("quantile %v: drawn %.3fs, measured %.3fs", q, got, want)
		}
	}
	if got, want := drawn.Mean().Seconds(), measured.Mean().Seconds(); math.Abs(got/want-1) > 0.02 {
		t.Errorf("mean: drawn %.3fs, measured %.3fs", got, want)
	}
}

// The ends of the range are drawn, and nothing else.
func TestDrawFromFew(t *testing.T) {
	d := NewDurations(time.Second, 2*time.Second, 2*time.Second, 10*24*time.Hour)
	d.ready()
	for u, want := range map[float64]time.Duration{
		0: time.Second, 0.2499: time.Second, 0.25: 2 * time.Second, 0.7499: 2 * time.Second, 0.75: longest, 0.9999: longest,
	} {
		if got := d.draw(u); math.Abs(got.Seconds()/want.Seconds()-1) > 0.001 {
			t.Errorf("at %v: %v, want %v", u, got, want)
		}
	}
	if got := d.Share(time.Second); got != 0.75 {
		t.Errorf("%v of them are longer than 1s, want 0.75", got)
	}
}

// A file of the recorder: work that was finished counts, what was cut short or failed is
// told apart, and so are requests without an answer.
func TestReadSamples(t *testing.T) {
	m, err := Read("w", strings.NewReader(`{"at":"2000-01-01T00:00:00Z","step":"receive","ns":5000000,"outcome":"ok","count":1}
{"at":"2000-01-01T00:00:00Z","step":"work","ns":2000000000,"outcome":"ok","message":"a","deliveries":1}
{"at":"2000-01-01T00:00:02Z","step":"delete","ns":30000000000,"outcome":"timeout","message":"a","deliveries":1,"try":1}
{"at":"2000-01-01T00:00:32Z","step":"delete","ns":7000000,"outcome":"gone","message":"a","deliveries":1,"try":2}
{"at":"2000-01-01T00:01:00Z","step":"work","ns":9000000000,"outcome":"lost","message":"b","deliveries":1}
{"at":"2000-01-01T00:01:00Z","step":"work","ns":1000000000,"outcome":"failed","message":"b","deliveries":2}
{"at":"2000-01-01T00:01:00Z","step":"receive","ns":6000000,"outcome":"empty"}
{"at":"2000-01-01T00:0`))
	if err != nil {
		t.Fatal(err)
	}
	if m.Work.Len() != 1 || m.Cut != 1 || m.Skipped != 1 || m.Requests != 4 || m.Unanswered != 1 || m.Request.Len() != 3 {
		t.Errorf("%d durations of work, %d cut short, %d lines skipped, %d requests, %d without an answer, %d durations of requests",
			m.Work.Len(), m.Cut, m.Skipped, m.Requests, m.Unanswered, m.Request.Len())
	}
	if got := m.Work.Mean(); math.Abs(got.Seconds()-2) > 0.002 {
		t.Errorf("the work took %v, want 2s", got)
	}
	if got := m.Request.Quantile(1); got < 7*time.Millisecond || got > 8*time.Millisecond {
		t.Errorf("the longest request took %v, want 7ms", got)
	}
}

// Plain durations are Go's or seconds.
func TestReadPlain(t *testing.T) {
	m, err := Read("w", strings.NewReader("# seconds\n1.5\n\n 1500ms \n1.5s"))
	if err != nil {
		t.Fatal(err)
	}
	m.Merge(m)
	if first, last := m.Work.Quantile(0), m.Work.Quantile(1); m.Work.Len() != 6 || last-first > 2*time.Millisecond || m.Request != nil {
		t.Errorf("%d durations from %v to %v, want 6 of 1.5s", m.Work.Len(), first, last)
	}
}

// What is no duration is refused with its file and its line.
func TestReadRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":           "w: there is no duration of work in it",
		"1s\nsoon":   `w: line 2: "soon" is not a duration from 0 to 168h, such as 1.5s, 200ms or 1.5`,
		"-1s":        `w: line 1: "-1s" is not a duration from 0 to 168h, such as 1.5s, 200ms or 1.5`,
		"NaN":        `w: line 1: "NaN" is not a duration from 0 to 168h, such as 1.5s, 200ms or 1.5`,
		"1e300":      `w: line 1: "1e300" is not a duration from 0 to 168h, such as 1.5s, 200ms or 1.5`,
		"200h":       `w: line 1: "200h" is not a duration from 0 to 168h, such as 1.5s, 200ms or 1.5`,
		`{"step":"`:  "w: there is no duration of work in it",
		"\x00\xff\n": `w: line 1: "\x00\xff" is not a duration from 0 to 168h, such as 1.5s, 200ms or 1.5`,
	} {
		if _, err := Read("w", strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

// Made-up work is what its documentation says.
func TestSamples(t *testing.T) {
	for name, median := range map[string]time.Duration{"short": 20 * time.Millisecond, "medium": 2 * time.Second, "long": 3 * time.Minute} {
		d, err := Sample(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Quantile(0.5); math.Abs(got.Seconds()/median.Seconds()-1) > 0.002 {
			t.Errorf("%s: median %v, want %v", name, got, median)
		}
	}
	if _, err := Sample("huge"); err == nil || err.Error() != `no sample called "huge": there are short, medium and long` {
		t.Errorf("error %v", err)
	}
	requests := Defaults().Request
	for q, limits := range map[float64][2]time.Duration{0.5: {7990 * time.Microsecond, 8010 * time.Microsecond}, 0.99: {255 * time.Millisecond, 270 * time.Millisecond}, 0.9999: {1790 * time.Millisecond, 1830 * time.Millisecond}} {
		if got := requests.Quantile(q); got < limits[0] || got > limits[1] {
			t.Errorf("made-up requests, quantile %v: %v, want %v to %v", q, got, limits[0], limits[1])
		}
	}
}
