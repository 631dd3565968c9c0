package explore

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// deliveries are what belongs to the deliveries of a schedule and not to its messages:
// another delivery of the same message has others.
type deliveries struct {
	receipts []string       // in the order in which they were given
	ends     map[int64]bool // Unix seconds at which a message was to be visible again
	most     int            // the highest dequeue count
	names    *strings.Replacer
}

// give takes note of a delivery, or of a renewal.
func (d *deliveries) give(receipt, visible string, count int) {
	if receipt != "" {
		d.receipts = append(d.receipts, receipt)
		d.names = nil
	}
	if t, err := time.Parse(time.RFC1123, visible); err == nil {
		if d.ends == nil {
			d.ends = map[int64]bool{}
		}
		d.ends[t.Unix()] = true
	}
	d.most = max(d.most, count)
}

// receiptHeader is how all receipts of the queue service begin.
const receiptHeader = "AgAAAAMAAAAAAAAA"

// nameReceipts replaces the receipts in a text by what [fresh.mark] takes for fresh values.
func (d *deliveries) nameReceipts(text string) string {
	if !strings.Contains(text, receiptHeader) {
		return text
	}
	if d.names == nil {
		var pairs []string
		for i, r := range d.receipts {
			name := receiptMark + strconv.Itoa(i+1) + ">"
			// As they are, as they stand in addresses, and as people write them where no / and
			// no = may be.
			safe := strings.NewReplacer("+", "-", "/", "_").Replace(r)
			for _, form := range []string{r, url.QueryEscape(r), url.PathEscape(r), safe, strings.TrimRight(r, "="), strings.TrimRight(safe, "=")} {
				pairs = append(pairs, form, name)
			}
		}
		d.names = strings.NewReplacer(pairs...)
	}
	return d.names.Replace(text)
}

// receiptMark begins what stands for a receipt until fresh values are named.
const receiptMark = "<receipt@"

func isReceipt(token string) bool { return strings.HasPrefix(token, receiptMark) }

// isEnd tells whether a time, as written in text, is one at which a message was to be visible
// again: the service says that to the second.
func (d *deliveries) isEnd(t time.Time, text string) bool {
	return d.ends[t.Unix()] && t.Nanosecond() == 0 && !fractions.MatchString(text)
}

var fractions = regexp.MustCompile(`[.,]0*[1-9]`)

// counted is a whole line in which numbers follow the dequeue count: they are more than it
// by so much each.
type countedLine struct {
	line    *regexp.Regexp
	parts   []string // around the numbers
	offsets []int
}

var numbers = regexp.MustCompile(`\d+`)

// countedLineOf makes one of two lines that differ in such numbers only: of the first
// delivery and of the second.
func countedLineOf(a, b string) (countedLine, bool) {
	placesA, placesB := numbers.FindAllStringIndex(a, -1), numbers.FindAllStringIndex(b, -1)
	if a == b || len(placesA) != len(placesB) {
		return countedLine{}, false
	}
	var c countedLine
	var expression strings.Builder
	atA, atB, part := 0, 0, ""
	for i, m := range placesA {
		n := placesB[i]
		if a[atA:m[0]] != b[atB:n[0]] {
			return countedLine{}, false
		}
		part += a[atA:m[0]]
		first, second := a[m[0]:m[1]], b[n[0]:n[1]]
		atA, atB = m[1], n[1]
		if first == second {
			part += first
			continue
		}
		x, err := strconv.Atoi(first)
		y, wrong := strconv.Atoi(second)
		if err != nil || wrong != nil || y != x+1 || x > 2 {
			return countedLine{}, false // no count, nor one of what was before or comes next
		}
		c.offsets = append(c.offsets, x-1)
		expression.WriteString(regexp.QuoteMeta(part) + `(\d+)`)
		c.parts, part = append(c.parts, part), ""
	}
	part += a[atA:]
	if a[atA:] != b[atB:] {
		return countedLine{}, false
	}
	c.parts = append(c.parts, part)
	c.line = regexp.MustCompile("^" + expression.String() + regexp.QuoteMeta(part) + "$")
	return c, true
}

// mask replaces the counts of a line by <delivery>, if all of them are of one of so many
// deliveries.
func (c countedLine) mask(line string, most int) (string, bool) {
	m := c.line.FindStringSubmatch(line)
	if m == nil {
		return "", false
	}
	for i, number := range m[1:] {
		if n, err := strconv.Atoi(number); err != nil || n <= c.offsets[i] || n > most+c.offsets[i] {
			return "", false
		}
	}
	return strings.Join(c.parts, "<delivery>"), true
}

// learnCounts finds the numbers that follow the dequeue count. The lines are those of two
// executions, of which the second one saw the first delivery of no message.
func (f *fresh) learnCounts(first, second []string) {
	onlyFirst, onlySecond := without(first, second), without(second, first)
	if len(onlyFirst) != len(onlySecond) {
		return // something was done otherwise because of the count
	}
	for i := range onlyFirst {
		if c, ok := countedLineOf(onlyFirst[i], onlySecond[i]); ok {
			f.counts = append(f.counts, c)
			f.version++
		}
	}
}

// secondDeliveries plays an order of the messages in turn, but the answer to the first delivery
// of each is lost: what the handler does it does for the second one.
func (e *explorer) secondDeliveries(order []int) *outcome {
	return e.inBubble(&play{
		world: &e.world, handler: e.handler, inTurn: true, loseFirst: true,
		schedule: Schedule{Messages: order, Workers: 1, world: len(e.world.Messages)},
	})
}

// isFirstDelivery tells whether a receive has got a message that was never delivered
// before.
func (s *step) isFirstDelivery() bool {
	for _, m := range s.messages {
		if m.count == 1 {
			return s.role == receive
		}
	}
	return false
}
