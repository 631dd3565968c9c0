package tune

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Setting is what there is to choose.
type Setting struct {
	// Visibility is how long a received message is hidden, and what a renewal extends that
	// to: whole seconds, 1 s to 7 days.
	Visibility time.Duration
	// Renew: while the handler works, the lease is renewed when one part in so many of it
	// is over: 2 for half of it, 3 for a third. 0: it is not renewed.
	Renew int
	// Timeout bounds each try of a request. 0: none, and a request whose connection died
	// without a word hangs for World.Hang.
	Timeout time.Duration
	// Retry is what the client does when a try brought no answer.
	Retry Retry
}

func (s Setting) String() string {
	renewed := "not renewed"
	if s.Renew > 0 {
		renewed = "renewed at " + RenewText(s.Renew)
	}
	return fmt.Sprintf("visibility timeout %s, %s; client timeout %s, retries %v", Short(s.Visibility), renewed, TimeoutText(s.Timeout), s.Retry)
}

// RenewText is "no", or "1/3" for a lease that is renewed when a third of it is over.
func RenewText(renew int) string {
	if renew == 0 {
		return "no"
	}
	return fmt.Sprint("1/", renew)
}

// ParseRenew reads what RenewText writes.
func ParseRenew(text string) (int, error) {
	if text == "no" {
		return 0, nil
	}
	part, ok := strings.CutPrefix(text, "1/")
	n, err := strconv.Atoi(part)
	if !ok || err != nil || n < 2 || n > mostRenewals {
		return 0, fmt.Errorf("renewal %q: want no, or the part of the lease after which: 1/2 to 1/%d", text, mostRenewals)
	}
	return n, nil
}

const mostRenewals = 20

// TimeoutText is a client timeout in short: "none", "5s".
func TimeoutText(d time.Duration) string {
	if d == 0 {
		return "none"
	}
	return Short(d)
}

// Defaults that people have without choosing.
var (
	// SDKDefault is azqueue with nothing set: the service's lease of 30 s, three retries
	// with growing pauses, no timeout.
	SDKDefault = Setting{Visibility: 30 * time.Second, Retry: Retry{Retries: 3, Pause: sdkPause}}
	// RuntimeDefault is packages role and worker with nothing set.
	RuntimeDefault = Setting{Visibility: 120 * time.Second, Renew: 3, Timeout: 30 * time.Second}
)

// Retry is a retry strategy. Its zero value is none.
type Retry struct {
	// Retries is how many tries there are after the first.
	Retries int
	// Pause is azcore's RetryDelay: the n-th retry begins after (2ⁿ-1) times Pause, a fifth
	// less to three tenths more, at most 60 s. 0: at once. (In azcore that is a RetryDelay
	// of 1, a nanosecond: a negative one is documented as no delay, but v1.24.0 takes it
	// for an overflow and pauses for MaxRetryDelay.)
	Pause time.Duration
}

const (
	sdkPause     = 800 * time.Millisecond // azcore's RetryDelay
	longestPause = time.Minute            // azcore's MaxRetryDelay
)

// String is "none", "immediate:n" or "exponential:n", with the pause if it is not the
// SDK's: "exponential:3:2s".
func (r Retry) String() string {
	switch {
	case r.Retries == 0:
		return "none"
	case r.Pause == 0:
		return fmt.Sprint("immediate:", r.Retries)
	case r.Pause == sdkPause:
		return fmt.Sprint("exponential:", r.Retries)
	}
	return fmt.Sprint("exponential:", r.Retries, ":", r.Pause)
}

// ParseRetry reads what String writes.
func ParseRetry(text string) (Retry, error) {
	wrong := fmt.Errorf("retries %q: want none, immediate:n or exponential:n, n from 1 to 20", text)
	if text == "none" {
		return Retry{}, nil
	}
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return Retry{}, wrong
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n < 1 || n > 20 {
		return Retry{}, wrong
	}
	switch {
	case parts[0] == "immediate" && len(parts) == 2:
		return Retry{Retries: n}, nil
	case parts[0] == "exponential" && len(parts) == 2:
		return Retry{Retries: n, Pause: sdkPause}, nil
	case parts[0] == "exponential":
		pause, err := time.ParseDuration(parts[2])
		if err != nil || pause <= 0 || pause > longestPause {
			return Retry{}, wrong
		}
		return Retry{Retries: n, Pause: pause}, nil
	}
	return Retry{}, wrong
}

// before is the pause before retry n, from 1: azcore's calcDelay, with u (0 to 1) in the
// place of its random number.
func (r Retry) before(n int, u float64) time.Duration {
	pause := time.Duration(1<<n-1) * r.Pause
	return min(time.Duration(float64(pause)*(u/2+0.8)), longestPause)
}

// Grid is which settings are tried: all combinations.
type Grid struct {
	// Visibility: by default of 1, 2, 5, 10 and 30 seconds, minutes and hours those from a
	// fifth of the median of World.Work to the first that is twice its longest.
	Visibility []time.Duration
	// Renew: default 0 and 3.
	Renew []int
	// Timeout: default 0.2 s, 1 s, 5 s, 30 s and 0, which is none.
	Timeout []time.Duration
	// Retry: default none, immediate:3, exponential:3.
	Retry []Retry
}

// withDefaults is the grid for a world that was checked.
func (g Grid) withDefaults(w *World) Grid {
	if len(g.Visibility) == 0 {
		g.Visibility = leases(w.Work)
	}
	if len(g.Renew) == 0 {
		g.Renew = []int{0, 3}
	}
	if len(g.Timeout) == 0 {
		g.Timeout = []time.Duration{200 * time.Millisecond, time.Second, 5 * time.Second, 30 * time.Second, 0}
	}
	if len(g.Retry) == 0 {
		g.Retry = []Retry{{}, {Retries: 3}, {Retries: 3, Pause: sdkPause}}
	}
	return g
}

// leases are visibility timeouts that work of this length may want. Far below the median
// they are not only bad but also slow to simulate: all that is done is renewing.
func leases(work *Durations) []time.Duration {
	var all []time.Duration
	for _, unit := range []time.Duration{time.Second, time.Minute, time.Hour} {
		for _, n := range []time.Duration{1, 2, 5, 10, 30} {
			lease := n * unit
			if lease >= work.Quantile(0.5)/5 {
				all = append(all, lease)
			}
			// A minute, as there is more to wait for than work.
			if lease >= max(2*work.Quantile(1), time.Minute) {
				return all
			}
		}
	}
	return append(all, longest)
}

// settings are all of them, in the order of the fields.
func (g Grid) settings() ([]Setting, error) {
	var all []Setting
	for _, visibility := range g.Visibility {
		if visibility < time.Second || visibility > longest || visibility%time.Second != 0 {
			return nil, fmt.Errorf("visibility timeout %v: want whole seconds from 1s to 168h", visibility)
		}
		for _, renew := range g.Renew {
			if renew < 0 || renew == 1 || renew > mostRenewals {
				return nil, fmt.Errorf("renewal %d times in each lease: want 2 to %d, or 0 for none", renew, mostRenewals)
			}
			for _, timeout := range g.Timeout {
				if timeout < 0 {
					return nil, fmt.Errorf("client timeout %v: want more than 0, or 0 for none", timeout)
				}
				for _, retry := range g.Retry {
					all = append(all, Setting{Visibility: visibility, Renew: renew, Timeout: timeout, Retry: retry})
				}
			}
		}
	}
	return all, nil
}

// Short is a duration without "0s" and "0m" at its end: "2m", "1h30m".
func Short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
