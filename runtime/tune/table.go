package tune

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteTable writes the choice; then what another lease would cost with its client, and
// another client with its lease; and then the defaults. Marks: * the choice, = what the
// runs do not tell from it, ! what leaves messages undone.
func (c Choice) WriteTable(to io.Writer) error {
	var out strings.Builder
	b, alike := c.Best, -1 // the choice is like itself
	for _, r := range c.Results {
		if r.Alike() {
			alike++
		}
	}
	fmt.Fprintf(&out, "choice: %v\n", b.Setting)
	fmt.Fprintf(&out, "cost    %s ± %s a message, at %v a second of delay, %v a duplicate, %v a request\n",
		number(b.Cost), number(b.Half), c.Price.Delay, c.Price.Duplicate, c.Price.Request)
	fmt.Fprintf(&out, "of      %d settings; %d runs of %d messages do not tell %d others from it (=)\n", c.Tried, c.Runs, c.World.Messages, alike)
	rows := [][]string{{"", "visibility", "renewed", "timeout", "retries", "delay", "p99", "dup/1000", "requests", "cost ±95%", "worse than the choice"}}
	group := func(title string, list []Result) {
		rows = append(rows, nil, []string{title})
		for _, r := range list {
			rows = append(rows, r.row(c.Best.Setting))
		}
	}
	group("leases, with this client", c.leases())
	group("clients, with this lease", c.clients())
	group("defaults of the SDK, and of package role", c.Defaults)
	write(&out, rows)
	_, err := io.WriteString(to, out.String())
	return err
}

// leases are the choice and its neighbours with another lease, in the grid's order.
func (c Choice) leases() []Result {
	var list []Result
	for _, renew := range c.Grid.Renew {
		for _, visibility := range c.Grid.Visibility {
			s := c.Best.Setting
			s.Visibility, s.Renew = visibility, renew
			if r, ok := c.Find(s); ok {
				list = append(list, r)
			}
		}
	}
	return list
}

// clients are the choice and its neighbours with another client.
func (c Choice) clients() []Result {
	var list []Result
	for _, timeout := range c.Grid.Timeout {
		for _, retry := range c.Grid.Retry {
			s := c.Best.Setting
			s.Timeout, s.Retry = timeout, retry
			if r, ok := c.Find(s); ok {
				list = append(list, r)
			}
		}
	}
	return list
}

func (r Result) row(best Setting) []string {
	mark, worse := "", fmt.Sprintf("%s ± %s", number(r.Worse), number(r.WorseHalf))
	switch {
	case r.Setting == best:
		mark, worse = "*", ""
	case r.Undone > 0:
		mark, worse = "!", fmt.Sprint(r.Undone, " messages never done")
	case r.Alike():
		mark = "="
	}
	return []string{
		mark, Short(r.Visibility), RenewText(r.Renew), TimeoutText(r.Timeout), r.Retry.String(), seconds3(r.Mean), seconds3(r.P99),
		fmt.Sprintf("%.1f", r.Duplicates), fmt.Sprintf("%.2f", r.Requests), number(r.Cost) + " ± " + number(r.Half), worse,
	}
}

// WriteSends writes what [Sends] found.
func WriteSends(to io.Writer, all []Sent) error {
	rows := [][]string{{"timeout", "retries", "doubled", "unsure", "missing", "mean", "longest"}}
	for _, s := range all {
		rows = append(rows, []string{
			TimeoutText(s.Timeout), s.Retry.String(), fmt.Sprintf("%.1f", s.Doubled), fmt.Sprintf("%.1f", s.Unsure),
			fmt.Sprintf("%.1f", s.Missing), seconds3(s.Mean), seconds3(s.Longest),
		})
	}
	var out strings.Builder
	write(&out, rows)
	_, err := io.WriteString(to, out.String())
	return err
}

// write writes rows with columns of equal width, and no blanks at the ends of lines.
func write(out *strings.Builder, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		if len(row) < len(width) {
			continue // a title
		}
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", width[i], cell)
		}
		out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

// seconds3 is a duration to three digits.
func seconds3(d time.Duration) string {
	switch {
	case d >= 100*time.Second:
		return Short(d.Round(time.Second))
	case d >= 10*time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= time.Second:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Millisecond).String()
}

// number is v to three digits, and all those before the point.
func number(v float64) string {
	switch size := max(v, -v); {
	case size >= 100:
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	case size >= 1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3f", v)
}
