package explore

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/idemlint/idemlint/runtime/storage/blob"
	"github.com/idemlint/idemlint/runtime/storage/table"
)

// State is what a schedule leaves behind: all that outlives the worker processes.
type State struct {
	// Blobs by container and name.
	Blobs map[string]map[string]blob.Blob
	// Tables are their entities by table and key.
	Tables map[string]map[table.Key]table.Entity
	// Queues are the bodies of the messages on all queues but the worked one and the
	// poison queue, in the order in which they were put.
	Queues map[string][]string
	// Poison are the bodies of the messages on the poison queue.
	Poison []string
	// Effects are the requests that were sent to anything but the account, in the order in which
	// they arrived.
	Effects []Effect
	// Seen is what World.Reader has seen, each value once, in that order.
	Seen []string

	ignore func(string) bool
	mask   func(name, value string) string
}

// Effect is one request to something other than the storage account.
type Effect struct {
	Method, URL, Body string
	// Key is its Idempotency-Key.
	Key string
	// Header are those of World.Headers that it has.
	Header http.Header
}

// Line is one part of a state as text.
type Line struct {
	// Name is "blob container/name", "row table/partition/row", "message in queue",
	// "poison", method and URL of an effect, or "reader".
	Name  string
	Value string
}

// readerName is the name of the lines that World.Reader has seen.
const readerName = "reader"

func (l Line) String() string { return l.Name + ": " + l.Value }

// state copies what the account holds.
func (p *play) state() State {
	s := State{
		Blobs: p.account.Blobs.Snapshot(), Tables: p.account.Tables.Snapshot(), Queues: map[string][]string{},
		Effects: slices.Clip(p.outcome.effects), Seen: p.outcome.seen,
		ignore: p.world.Ignore, mask: p.world.Mask,
	}
	for name, messages := range p.account.Queues.Snapshot() {
		for _, m := range messages {
			switch name {
			case p.world.Queue:
			case p.world.Poison:
				s.Poison = append(s.Poison, m.Body)
			default:
				s.Queues[name] = append(s.Queues[name], m.Body)
			}
		}
	}
	return s
}

// look lets the reader of the world look at what there is now.
func (p *play) look() {
	if p.world.Reader == nil {
		return
	}
	for _, value := range p.world.Reader(p.state()) {
		if value != "" && !slices.Contains(p.outcome.seen, value) {
			p.outcome.seen = append(p.outcome.seen, value)
		}
	}
}

// effect is op as the state keeps it.
func (p *play) effect(op *operation) Effect {
	e := Effect{
		Method: op.request.Method, URL: op.request.URL.String(), Body: string(op.body),
		Key: op.request.Header.Get("Idempotency-Key"),
	}
	for _, name := range p.world.Headers {
		if values := op.request.Header.Values(name); len(values) > 0 {
			if e.Header == nil {
				e.Header = http.Header{}
			}
			e.Header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
		}
	}
	return e
}

// Lines is the state as text, sorted: what counts when states are compared, before times
// and fresh values are masked.
func (s State) Lines() []Line {
	var all []Line
	add := func(name, value string) {
		if s.ignore != nil && s.ignore(name) {
			return
		}
		if s.mask != nil {
			value = s.mask(name, value)
		}
		all = append(all, Line{Name: name, Value: value})
	}
	for container, blobs := range s.Blobs {
		for name, b := range blobs {
			add("blob "+container+"/"+name, blobValue(b))
		}
	}
	for name, entities := range s.Tables {
		for key, e := range entities {
			add("row "+name+"/"+key.Partition+"/"+key.Row, rowValue(e))
		}
	}
	for queue, bodies := range s.Queues {
		for _, body := range bodies {
			add("message in "+queue, printable([]byte(body)))
		}
	}
	poison := slices.Clone(s.Poison)
	slices.Sort(poison)
	for _, body := range slices.Compact(poison) {
		add("poison", printable([]byte(body)))
	}
	for _, e := range counted(s.Effects) {
		add(e.Method+" "+e.URL, e.value())
	}
	for _, value := range s.Seen {
		add(readerName, printable([]byte(value)))
	}
	slices.SortFunc(all, func(a, b Line) int {
		return strings.Compare(a.String(), b.String())
	})
	return all
}

// counted are the effects that count: not those that only ask; of PUT and DELETE the last
// one on each URL, since they say what is to be there; of those with an Idempotency-Key one.
func counted(effects []Effect) []Effect {
	var all []Effect
	at := map[string]int{} // in all, by what replaces what
	for _, e := range effects {
		switch e.Method {
		case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
			continue
		case http.MethodPut, http.MethodDelete:
			if i, found := at[e.URL]; found {
				all[i] = e
				continue
			}
			at[e.URL] = len(all)
		default:
			if e.Key != "" {
				id := e.Method + " " + e.URL + " " + e.Key
				if _, found := at[id]; found {
					continue
				}
				at[id] = len(all)
			}
		}
		all = append(all, e)
	}
	return all
}

func (e Effect) value() string {
	v := printable([]byte(e.Body))
	if e.Key != "" {
		v += " (Idempotency-Key " + e.Key + ")"
	}
	for _, name := range slices.Sorted(maps.Keys(e.Header)) {
		v += " (" + name + " " + strings.Join(e.Header[name], ", ") + ")"
	}
	return v
}

func blobValue(b blob.Blob) string {
	v := printable(b.Content)
	if b.ContentType != "" && b.ContentType != "application/octet-stream" {
		v += " (" + b.ContentType + ")"
	}
	for _, header := range []struct{ name, value string }{
		{"Cache-Control", b.CacheControl}, {"Content-Disposition", b.ContentDisposition},
		{"Content-Encoding", b.ContentEncoding}, {"Content-Language", b.ContentLanguage}, {"tier", b.Tier},
	} {
		if header.value != "" {
			v += " (" + header.name + " " + header.value + ")"
		}
	}
	v += pairs("metadata", b.Metadata) + pairs("tags", b.Tags)
	if b.Snapshots > 0 {
		v += " (snapshots " + strconv.Itoa(b.Snapshots) + ")"
	}
	return v
}

func pairs(what string, m map[string]string) string {
	v := ""
	for _, k := range slices.Sorted(maps.Keys(m)) {
		v += " (" + what + " " + k + "=" + m[k] + ")"
	}
	return v
}

func rowValue(e table.Entity) string {
	var b strings.Builder
	for i, k := range slices.Sorted(maps.Keys(e.Properties)) {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(k + "=")
		switch v := e.Properties[k].(type) {
		case time.Time:
			b.WriteString(v.UTC().Format(time.RFC3339Nano))
		case []byte:
			b.WriteString(printable(v))
		case float64:
			b.WriteString(strconv.FormatFloat(v, 'f', -1, 64)) // seconds with a fraction, say: see timeForms
		default:
			fmt.Fprint(&b, v)
		}
	}
	if b.Len() == 0 {
		return "(no properties)"
	}
	return b.String()
}

// longContent is from where on contents count by their hash.
const longContent = 16 << 10

// printable is content on one line.
func printable(content []byte) string {
	if len(content) > longContent {
		return fmt.Sprintf("%d bytes with hash %x", len(content), sha256.Sum256(content))
	}
	if len(content) == 0 {
		return "(empty)"
	}
	if text, newline := bytes.CutSuffix(content, []byte("\n")); newline && !bytes.Contains(text, []byte("\n")) {
		return printable(text) + "↵" // one line, as json.Encoder writes it
	}
	if !utf8.Valid(content) || bytes.ContainsFunc(content, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return strconv.Quote(string(content))
	}
	return string(content)
}
