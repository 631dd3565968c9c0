package explore

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// timeForms are how points in time are written in blobs, rows, messages and names:
// RFC 3339 and what time.Time.String makes of it, RFC 1123 and ANSI C, digits only, and
// Unix time in seconds, milliseconds, microseconds and nanoseconds, also as a float64 is
// printed.
var timeForms = regexp.MustCompile(
	`(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(:\d{2})?(?:[.,]\d{1,9})?(Z| ?[+-]\d{2}:?\d{2})?(?: [A-Z]{3,4})?(?: m=[+-]\d+\.\d+)?` +
		`|(?:[A-Z][a-z]{2}, )?(\d{2}[ -][A-Z][a-z]{2}[ -]\d{4} \d{2}:\d{2}:\d{2}) (?:GMT|UTC|[+-]\d{4})` +
		`|[A-Z][a-z]{2} ([A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2}) (?:[A-Z]{3} )?(\d{4})` +
		`|(\d{8})[T-]?(\d{6})(?:[.]?\d{1,9})?Z?` +
		`|\d\.\d{4,17}e\+\d\d` +
		`|\d{9,19}(?:\.\d{1,9})?`)

// far is from where on a time has nothing to do with the clock of the schedule.
const far = 400 * 24 * time.Hour

// precision of distances: terms are longer and leases too, what is cut off is less.
const precision = 10 * time.Second

// clock tells the times of one schedule from other times.
type clock struct {
	start      time.Time
	end        time.Duration
	deliveries *deliveries // whose leases end at times that mean no more than a receipt
}

// mask replaces times in the text of a line that was written as w says: by <time> if they
// lie within the run, up to the write; by <time+distance> if arithmetic on the clock made
// them.
func (c clock) mask(text string, w writes) string {
	if !maybeTime(text) {
		return text
	}
	var b strings.Builder
	at := 0
	for _, m := range uuids.FindAllStringIndex(text, -1) { // whose digits are no times
		c.maskInto(&b, text[at:m[0]], w)
		b.WriteString(text[m[0]:m[1]])
		at = m[1]
	}
	c.maskInto(&b, text[at:], w)
	return b.String()
}

func (c clock) maskInto(b *strings.Builder, text string, w writes) {
	at := 0
	for _, m := range timeForms.FindAllStringSubmatchIndex(text, -1) {
		t, ok := parseTime(text, m)
		if !ok || withinToken(text, m[0], m[1]) {
			continue
		}
		since := t.Sub(c.start)
		if since < -far || since > far || isNumber(text, m) && !c.likely(since, w) {
			continue
		}
		b.WriteString(text[at:m[0]])
		if c.deliveries != nil && c.deliveries.isEnd(t, text[m[0]:m[1]]) {
			b.WriteString("<time>")
		} else {
			b.WriteString(c.name(since, w))
		}
		at = m[1]
	}
	b.WriteString(text[at:])
}

// withinToken tells whether text[from:to] is part of something longer, a hash or a random
// value that happens to look like a time in the midst. A word before or after a time is
// none.
func withinToken(text string, from, to int) bool {
	start, end := from, to
	for start > 0 && alphanumeric(text[start-1]) {
		start--
	}
	for end < len(text) && alphanumeric(text[end]) {
		end++
	}
	around := text[start:from] + text[to:end]
	return around != "" && (strings.ContainsAny(around, "0123456789") || strings.Trim(strings.ToLower(around), "abcdef") == "")
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// maybeTime saves the search in most texts: every form has eight digits at least.
func maybeTime(text string) bool {
	digits := 0
	for i := range len(text) {
		if text[i] >= '0' && text[i] <= '9' {
			digits++
		}
	}
	return digits >= 8
}

// name is what stands for a time that lies so far after the start. Stamps are cut to the
// second, or the minute, by some.
func (c clock) name(since time.Duration, w writes) string {
	end := c.end
	first, written := w.first[w.last]
	if written {
		end = w.latest
	}
	if since >= -time.Minute && since <= end+tick || !written || w.conditional {
		return "<time>"
	}
	distance := (since - first).Round(precision)
	if distance < 0 {
		return "<time" + distance.String() + ">"
	}
	return "<time+" + distance.String() + ">"
}

// soon is how far from the clock every number of that size is taken for a time.
const soon = 24 * time.Hour

// likely tells whether a number that may be a time is one: of all numbers of nine digits
// every thirteenth lies in the year of the schedule, and random ones must not be taken for
// times. What arithmetic on the clock makes is whole hours away from when it was written, if
// it is days.
func (c clock) likely(since time.Duration, w writes) bool {
	if since > -soon && since < c.end+soon {
		return true
	}
	wholeHours := func(from, to time.Duration) bool {
		rest := (since - from + precision) % time.Hour
		if rest < 0 {
			rest += time.Hour
		}
		return rest <= to-from+2*precision
	}
	if len(w.first) == 0 {
		return wholeHours(0, c.end)
	}
	for _, at := range w.first {
		if wholeHours(at, at) {
			return true
		}
	}
	return wholeHours(w.latest, w.latest)
}

// isNumber tells whether what timeForms has found at m is a bare number.
func isNumber(text string, m []int) bool {
	return strings.Trim(text[m[0]:m[1]], "0123456789.e+") == "" && (m[2*8] < 0 || !plausibleDate(text[m[2*8]:m[2*8+1]]))
}

// parseTime reads the time that timeForms has found at m.
func parseTime(text string, m []int) (time.Time, bool) {
	group := func(n int) string {
		if m[2*n] < 0 {
			return ""
		}
		return text[m[2*n]:m[2*n+1]]
	}
	var t time.Time
	var err error
	switch {
	case group(1) != "":
		seconds := group(3)
		if seconds == "" {
			seconds = ":00"
		}
		zone := strings.ReplaceAll(strings.TrimPrefix(group(4), " "), ":", "")
		if zone == "" || zone == "Z" {
			zone = "+0000"
		}
		t, err = time.Parse("2006-01-02 15:04:05 -0700", group(1)+" "+group(2)+seconds+" "+zone)
	case group(5) != "":
		t, err = time.Parse("02 Jan 2006 15:04:05", strings.ReplaceAll(group(5), "-", " "))
	case group(6) != "":
		t, err = time.Parse("Jan _2 15:04:05 2006", group(6)+" "+group(7))
	case group(8) != "" && plausibleDate(group(8)):
		t, err = time.Parse("20060102150405", group(8)+group(9))
	default:
		return unixTime(text[m[0]:m[1]])
	}
	return t, err == nil
}

func plausibleDate(digits string) bool {
	_, err := time.Parse("20060102", digits)
	return err == nil
}

func unixTime(number string) (time.Time, bool) {
	if strings.Contains(number, "e") {
		f, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return time.Time{}, false
		}
		number = strconv.FormatFloat(f, 'f', 0, 64)
	}
	whole, _, _ := strings.Cut(number, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	// 2000 to 2001, the year in which schedules take place, has so many digits:
	switch len(whole) {
	case 9, 10:
		return time.Unix(n, 0), true
	case 12, 13:
		return time.UnixMilli(n), true
	case 15, 16:
		return time.UnixMicro(n), true
	case 18, 19:
		return time.Unix(0, n), true
	}
	return time.Time{}, false
}
