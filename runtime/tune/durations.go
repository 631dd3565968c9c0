package tune

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Durations is a distribution of durations, from a microsecond to seven days with three
// significant digits. What is shorter counts as a microsecond, what is longer as seven days.
// Its zero value is of no use: see [NewDurations].
type Durations struct {
	histogram *hdrhistogram.Histogram
	mu        sync.Mutex         // held while the rest is made
	bars      []hdrhistogram.Bar // of the histogram, without the empty ones; nil when it changed
	upTo      []int64            // values in the bars up to each
	mean      time.Duration      // the histogram walks over all its buckets for it
}

const longest = 7 * 24 * time.Hour

// NewDurations returns a distribution of these.
func NewDurations(all ...time.Duration) *Durations {
	d := &Durations{histogram: hdrhistogram.New(1, longest.Microseconds(), 3)}
	for _, one := range all {
		d.Add(one)
	}
	return d
}

// Add adds one duration. It must not be called while others read.
func (d *Durations) Add(one time.Duration) {
	one = min(max(one, time.Microsecond), longest)
	if err := d.histogram.RecordValue(one.Microseconds()); err != nil {
		panic(err) // it is within the range
	}
	d.bars = nil
}

func (d *Durations) merge(other *Durations) {
	d.histogram.Merge(other.histogram) // none is dropped: the ranges are the same
	d.bars = nil
}

// Len is how many there are.
func (d *Durations) Len() int { return int(d.histogram.TotalCount()) }

// Mean is the arithmetic mean; 0 when there are none.
func (d *Durations) Mean() time.Duration {
	return time.Duration(d.histogram.Mean() * float64(time.Microsecond))
}

// Quantile is the duration that the share q (0 to 1) does not exceed; 0 when there are
// none.
func (d *Durations) Quantile(q float64) time.Duration {
	// The library's quantile is 0 below the first value.
	return time.Duration(max(d.histogram.ValueAtQuantile(100*q), d.histogram.Min())) * time.Microsecond
}

// Share is the share of durations that are longer than limit, to three digits of limit.
func (d *Durations) Share(limit time.Duration) float64 {
	var longer int64
	for _, bar := range d.histogram.Distribution() {
		if bar.From > limit.Microseconds() {
			longer += bar.Count
		}
	}
	return float64(longer) / float64(max(d.Len(), 1))
}

// ready prepares d to be drawn from by several goroutines.
func (d *Durations) ready() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.bars != nil {
		return
	}
	d.upTo, d.mean = d.upTo[:0], d.Mean()
	var count int64
	for _, bar := range d.histogram.Distribution() {
		if bar.Count > 0 {
			count += bar.Count
			d.bars = append(d.bars, bar)
			d.upTo = append(d.upTo, count)
		}
	}
}

// draw is the duration at u, 0 ≤ u < 1: a measured one, to within the histogram's digits.
// (Quantile would walk over all its buckets each time.)
func (d *Durations) draw(u float64) time.Duration {
	rank := int64(u * float64(d.upTo[len(d.upTo)-1]))
	i := sort.Search(len(d.upTo), func(i int) bool { return d.upTo[i] > rank })
	return time.Duration((d.bars[i].From+d.bars[i].To)/2) * time.Microsecond
}

// Sample is made-up work, for who has not measured any: "short" (median 20 ms),
// "medium" (median 2 s, with a heavy tail) or "long" (median 3 min). It fails for any
// other name.
//
// They are log-normal, as the times of work on files, pictures and pages tend to be; the
// spread is the standard deviation of the logarithm.
func Sample(name string) (*Durations, error) {
	switch name {
	case "short":
		return logNormal(20*time.Millisecond, 0.8), nil
	case "medium":
		return logNormal(2*time.Second, 1.3), nil
	case "long":
		return logNormal(3*time.Minute, 0.5), nil
	}
	return nil, fmt.Errorf("no sample called %q: there are short, medium and long", name)
}

// roundTrips is what a request takes when nobody has measured it: 8 ms at the median, one
// in a hundred more than 0.26 s, one in ten thousand more than 1.8 s.
func roundTrips() *Durations { return logNormal(8*time.Millisecond, 1.5) }

// logNormal has its values at 10,000 quantiles, so that it is the same each time.
func logNormal(median time.Duration, spread float64) *Durations {
	const n = 10_000
	d := NewDurations()
	for i := range n {
		d.Add(time.Duration(float64(median) * math.Exp(spread*normalQuantile((float64(i)+0.5)/n))))
	}
	return d
}

func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

var errNothing = errors.New("there is no duration of work in it")
