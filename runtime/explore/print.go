package explore

import (
	"cmp"
	"fmt"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

// failure describes a schedule with its steps.
func (e *explorer) failure(o *outcome, v verdict) *Failure {
	p := printer{e: e, o: o, names: map[string]string{}}
	if ids.MatchString(v.text) { // It names fresh values: the steps must use the same names.
		p.names = maps.Clone(e.fresh.named(o, e.fresh.seen(o)).names)
	}
	steps := p.steps()
	return &Failure{Schedule: o.schedule, Harm: v.harm, Text: v.text + p.mask(v.detail), Steps: steps, test: e.t.Name()}
}

// seen tells in which order fresh values appear in the operations of o.
func (f *fresh) seen(o *outcome) map[string]int {
	seen := map[string]int{}
	for _, s := range o.steps {
		if s.event != "" {
			continue
		}
		for _, t := range freshTokens(f.mark(o.deliveries.nameReceipts(s.what + " " + string(s.body)))) {
			if _, known := seen[t]; !known {
				seen[t] = len(seen)
			}
		}
	}
	return seen
}

// printer writes the steps of a schedule in the numbers of the message loop.
type printer struct {
	e     *explorer
	o     *outcome
	names map[string]string // of fresh values
	out   strings.Builder
}

// How long a print may be.
const (
	longestBody = 80 // characters of a body
	firstSteps  = 32
	lastSteps   = 8
)

func (p *printer) steps() string {
	ends := p.o.leaseEnds()
	for _, s := range p.worthTelling() {
		for ; len(ends) > 0 && ends[0].at <= s.at; ends = ends[1:] {
			fmt.Fprintf(&p.out, " %-9s       lease of %s ends\n", clockTime(ends[0].at), label(ends[0].message))
		}
		p.step(s)
	}
	first, last := firstSteps, lastSteps
	if p.o.harm == Stuck { // Deliveries are much the same.
		first, last = 16, 2
	}
	return elide(p.out.String(), first, last)
}

// leaseEnd is when a lease ended before its message was settled.
type leaseEnd struct {
	at      time.Duration
	message int
}

// leaseEnds are those after which the message was received again.
func (o *outcome) leaseEnds() []leaseEnd {
	var ends []leaseEnd
	until := map[int]time.Duration{}
	for _, s := range o.steps {
		for _, m := range s.messages {
			if end, leased := until[m.message]; s.role == receive && leased && end <= s.at {
				ends = append(ends, leaseEnd{at: end, message: m.message})
			}
			switch {
			case s.role != settle && m.until > 0:
				until[m.message] = m.until
			case s.role == settle && s.status != 0 && s.status < 300:
				delete(until, m.message)
			}
		}
	}
	slices.SortStableFunc(ends, func(a, b leaseEnd) int { return cmp.Compare(a.at, b.at) })
	return ends
}

// elide leaves out what is repeated: lines that say the same but for the time, and the
// middle of what is very long.
func elide(steps string, first, last int) string {
	lines := strings.SplitAfter(strings.TrimSuffix(steps, "\n"), "\n")
	var kept []string
	for i := 0; i < len(lines); {
		same := 1
		for i+same < len(lines) && untimed(lines[i+same]) == untimed(lines[i]) {
			same++
		}
		if same <= 3 {
			kept = append(kept, lines[i:i+same]...)
		} else {
			kept = append(kept, lines[i], fmt.Sprintf(" …               %d times more\n", same-2), lines[i+same-1])
		}
		i += same
	}
	if more := len(kept) - first - last; more > 1 {
		left := fmt.Sprintf(" …               %d steps more\n", more)
		kept = append(append(slices.Clone(kept[:first]), left), kept[len(kept)-last:]...)
	}
	return strings.TrimSuffix(strings.Join(kept, ""), "\n") + "\n"
}

// untimed is a line without its time.
func untimed(line string) string {
	if len(line) < 11 || strings.HasPrefix(line, " …") {
		return line
	}
	return strings.TrimSuffix(line[11:], "\n")
}

// worthTelling leaves out receives that found nothing.
func (p *printer) worthTelling() []step {
	var all []step
	for _, s := range p.o.steps {
		if s.event == "" && s.fault == 0 && s.role == receive && s.status == 200 && len(s.messages) == 0 {
			continue
		}
		all = append(all, s)
	}
	return all
}

func (p *printer) step(s step) {
	if s.event != "" {
		p.line(s, "", s.event+p.mask(s.what))
		return
	}
	switch s.role {
	case receive:
		p.receive(s)
	case settle:
		p.settle(s)
	default:
		p.work(s)
	}
}

// receive is steps 1 to 5.
func (p *printer) receive(s step) {
	var got []string
	for _, m := range s.messages {
		again := ""
		if m.count > 1 {
			again = fmt.Sprintf(" again (delivery %d)", m.count)
		}
		got = append(got, fmt.Sprintf("%s%s, hidden until %s", label(m.message), again, clockTime(m.until)))
	}
	what := strings.Join(got, " and ")
	if what == "" {
		what = "nothing"
	}
	switch s.fault {
	case LoseRequest:
		p.line(s, "1", "GET: message A is lost")
	case CrashBefore:
		p.line(s, "", "crashes before it receives")
	case LoseAnswer:
		p.line(s, "1–4", "the queue hands out "+what+": message B is lost")
	case CrashAfter:
		p.line(s, "1–4", "the queue hands out "+what+": the worker crashes before message B")
	default:
		if s.status >= 300 {
			p.line(s, "1–5", fmt.Sprintf("GET %s → %d%s", p.mask(s.what), s.status, errorCode(s.answer)))
			return
		}
		p.line(s, "1–5", "receives "+what)
	}
}

// settle is steps 7 to 11.
func (p *printer) settle(s step) {
	m := label(s.messages[0].message)
	switch s.fault {
	case LoseRequest:
		p.line(s, "7", "DELETE "+m+": message C is lost")
	case CrashBefore:
		p.line(s, "", "crashes before DELETE "+m)
	case LoseAnswer:
		p.line(s, "7–10", fmt.Sprintf("DELETE %s → %d%s: message D is lost", m, s.status, errorCode(s.answer)))
	case CrashAfter:
		p.line(s, "7–10", fmt.Sprintf("DELETE %s → %d%s: the worker crashes before message D", m, s.status, errorCode(s.answer)))
	default:
		p.line(s, "7–11", fmt.Sprintf("DELETE %s → %d%s", m, s.status, errorCode(s.answer)))
	}
}

// work is step 6.
func (p *printer) work(s step) {
	var b strings.Builder
	if s.role == renew {
		fmt.Fprintf(&b, "PUT %s", label(s.messages[0].message))
		if s.messages[0].until > 0 {
			fmt.Fprintf(&b, " (hidden until %s)", clockTime(s.messages[0].until))
		}
	} else {
		if s.role != effect { // whose name begins with its method
			b.WriteString(s.method + " ")
		}
		if text, found := sentText(s); found {
			fmt.Fprintf(&b, "message %s to %s", p.excerpt([]byte(text)), p.mask(s.what))
		} else {
			b.WriteString(p.mask(s.what))
		}
		if comp := queryValue(s.query, "comp"); comp != "" {
			b.WriteString(" (" + comp + ")")
		}
		if s.role != read && len(s.body) > 0 && !strings.HasPrefix(s.what, "queue ") {
			b.WriteString(" " + p.excerpt(s.body))
		}
		if s.ifMatch != "" {
			if none, found := strings.CutPrefix(s.ifMatch, "none "); found {
				b.WriteString(" If-None-Match " + none)
			} else {
				b.WriteString(" If-Match " + s.ifMatch)
			}
		}
	}
	switch s.fault {
	case LoseRequest:
		p.line(s, "6", b.String()+": the request is lost")
		return
	case CrashBefore:
		p.line(s, "", "crashes before "+b.String())
		return
	}
	if !s.unheard {
		fmt.Fprintf(&b, " → %d%s", s.status, errorCode(s.answer))
	}
	if s.took > 0 && !s.unheard {
		fmt.Fprintf(&b, " after %s", s.took.Round(10*time.Millisecond))
	}
	if s.role == read && s.status < 300 && len(s.answer) > 0 {
		b.WriteString(" " + p.excerpt(s.answer))
	}
	switch s.fault {
	case LoseAnswer:
		b.WriteString(": the answer is lost")
	case CrashAfter:
		b.WriteString(": the worker crashes before the answer")
	default:
		if s.unheard {
			b.WriteString(": the worker does not wait for the answer")
		}
	}
	p.line(s, "6", b.String())
}

// sentText is the text of a message that is put on a queue.
func sentText(s step) (string, bool) {
	if s.method != http.MethodPost || !strings.HasPrefix(s.what, "queue ") {
		return "", false
	}
	text, _, found := element(string(s.body), "MessageText")
	return html.UnescapeString(text), found
}

// line writes one line: worker, number of the step, text.
func (p *printer) line(s step, number, text string) {
	fmt.Fprintf(&p.out, " %-9s worker %d  %-5s %s\n", clockTime(s.at), s.instance, number, text)
}

// clockTime is virtual time since the start.
func clockTime(d time.Duration) string {
	d = d.Truncate(time.Millisecond)
	h, m, s, ms := d/time.Hour, d/time.Minute%60, d/time.Second%60, d/time.Millisecond%1000
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, m, s)
	}
	return fmt.Sprintf("%02d:%02d.%03d", m, s, ms)
}

// mask names what differs from one run of the test to the next.
func (p *printer) mask(text string) string {
	var b strings.Builder
	for i, l := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(replaceFresh(p.e.fresh.mark(p.o.mask(l, writes{})), p.name))
	}
	return b.String()
}

func (p *printer) name(token string) string {
	if _, known := p.names[token]; !known {
		p.names[token] = nextName(p.names, token)
	}
	return p.names[token]
}

// excerpt is a body on one line, cut. What is fresh is named before, lest half of it
// remains.
func (p *printer) excerpt(body []byte) string {
	text := p.mask(printable(body))
	if runes := []rune(text); len(runes) > longestBody {
		return string(runes[:longestBody-1]) + "…"
	}
	return text
}

var codes = regexp.MustCompile(`<Code>([A-Za-z]+)</Code>|"code":"([A-Za-z]+)"`)

// errorCode is the code of the service's refusal, with a space before it.
func errorCode(answer []byte) string {
	m := codes.FindSubmatch(answer)
	if m == nil {
		return ""
	}
	return " " + string(m[1]) + string(m[2])
}

func queryValue(query, name string) string {
	for pair := range strings.SplitSeq(query, "&") {
		if k, v, _ := strings.Cut(pair, "="); k == name {
			return v
		}
	}
	return ""
}
