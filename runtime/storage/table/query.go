package table

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// maxPage is how many items an answer has at most,
// https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination.
const maxPage = 1000

// maxColumns is how many properties $select may name,
// https://learn.microsoft.com/rest/api/storageservices/query-entities.
const maxColumns = 255

// values are the parameters of the query of q.
func (q *request) values() (url.Values, *wire.Error) {
	if q.query == "" {
		return nil, nil
	}
	v, err := url.ParseQuery(q.query)
	if err != nil {
		return nil, badInput("Bad Request - Error in query syntax.")
	}
	return v, nil
}

// options are the query options of a query.
type options struct {
	filter  filter // nil for none
	columns []string
	top     int
	next    Key // where to go on
	resumed bool
}

// readOptions reads the query options of q. Those of OData that the service does not
// know are refused.
func readOptions(v url.Values) (options, *wire.Error) {
	o := options{top: maxPage}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		switch name {
		case "$filter", "$select", "$top", "$format":
		default:
			if strings.HasPrefix(name, "$") {
				return o, notBuilt("the query option " + name)
			}
		}
	}
	if text := strings.TrimSpace(v.Get("$filter")); text != "" {
		var refusal *wire.Error
		if o.filter, refusal = parseFilter(text); refusal != nil {
			return o, refusal
		}
	}
	if v.Has("$top") {
		top, err := strconv.Atoi(v.Get("$top"))
		if err != nil || top < 0 || top > maxPage {
			return o, badInput("One of the request inputs is not valid.")
		}
		o.top = top
	}
	if list := v.Get("$select"); list != "" && list != "*" {
		for name := range strings.SplitSeq(list, ",") {
			name = strings.TrimSpace(name)
			if checkName(name) != nil || len(o.columns) == maxColumns {
				return o, badInput("One of the request inputs is not valid.")
			}
			if !slices.Contains(o.columns, name) {
				o.columns = append(o.columns, name)
			}
		}
	}
	return o, nil
}

// get answers with one entity; s.mu is held.
// https://learn.microsoft.com/rest/api/storageservices/query-entities
func (s *Service) get(q *request, v url.Values, at place) (answer, *wire.Error) {
	l, refusal := q.level(v)
	if refusal != nil {
		return answer{}, refusal
	}
	o := options{}
	if len(v) > 0 {
		if o, refusal = readOptions(v); refusal != nil {
			return answer{}, refusal
		}
	}
	if o.filter != nil || v.Has("$top") {
		return answer{}, notBuilt("$filter and $top for a single entity")
	}
	if refusal := checkKey(at.key); refusal != nil {
		return answer{}, refusal
	}
	t, refusal := s.find(at.table)
	if refusal != nil {
		return answer{}, refusal
	}
	e := t.entities[at.key]
	if e == nil {
		return answer{}, notFound()
	}
	a := answer{status: http.StatusOK}
	a.set("Etag", e.etag)
	a.set("Content-Type", l.contentType())
	a.body = appendEntity(make([]byte, 0, 512), e, l, q.base(), t.name, o.columns, true)
	return a, nil
}

// query answers with the entities of a table, a page at a time; s.mu is held.
// https://learn.microsoft.com/rest/api/storageservices/query-entities
func (s *Service) query(q *request, v url.Values, at place) (answer, *wire.Error) {
	l, refusal := q.level(v)
	if refusal != nil {
		return answer{}, refusal
	}
	o, refusal := readOptions(v)
	if refusal != nil {
		return answer{}, refusal
	}
	if o.resumed, refusal = o.resume(v); refusal != nil {
		return answer{}, refusal
	}
	t, refusal := s.find(at.table)
	if refusal != nil {
		return answer{}, refusal
	}
	a := answer{status: http.StatusOK}
	a.set("Content-Type", l.contentType())
	b := appendListHead(make([]byte, 0, 1024), l, q.base(), t.name, o.columns)
	count := 0
	for _, k := range t.from(o) {
		e := t.entities[k]
		if o.filter != nil && !o.filter.matches(e.value) {
			continue
		}
		if count == o.top {
			if o.top > 0 {
				a.set("X-Ms-Continuation-Nextpartitionkey", continuation(k.Partition))
				a.set("X-Ms-Continuation-Nextrowkey", continuation(k.Row))
			}
			break
		}
		if count > 0 {
			b = append(b, ',')
		}
		b = appendEntity(b, e, l, q.base(), t.name, o.columns, false)
		count++
	}
	a.body = append(b, "]}"...)
	return a, nil
}

// resume reads where the page before ended.
func (o *options) resume(v url.Values) (bool, *wire.Error) {
	if !v.Has("NextPartitionKey") {
		return false, nil
	}
	var ok [2]bool
	o.next.Partition, ok[0] = resumed(v.Get("NextPartitionKey"))
	o.next.Row, ok[1] = resumed(v.Get("NextRowKey"))
	if !ok[0] || !ok[1] {
		return false, badInput("One of the request inputs is not valid.")
	}
	return true, nil
}

// from is the keys of t that a query goes through, in order.
func (t *table) from(o options) []Key {
	if t.order == nil {
		t.order = slices.SortedFunc(maps.Keys(t.entities), Key.compare)
	}
	if !o.resumed {
		return t.order
	}
	i, _ := slices.BinarySearchFunc(t.order, o.next, Key.compare)
	return t.order[i:]
}

// tokens is base64 as continuation tokens have it: padded with hyphens.
var tokens = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*_").WithPadding('-')

// continuation makes a token of what the next page begins with, as the service does:
// "contToken" is 1!12!Y29udFRva2Vu.
func continuation(text string) string {
	encoded := tokens.EncodeToString([]byte(text))
	return fmt.Sprintf("1!%d!%s", len(encoded), encoded)
}

// resumed is the text that continuation made token of. No token is "".
func resumed(token string) (text string, ok bool) {
	if token == "" {
		return "", true
	}
	rest, ok := strings.CutPrefix(token, "1!")
	if !ok {
		return "", false
	}
	length, encoded, ok := strings.Cut(rest, "!")
	if n, err := strconv.Atoi(length); !ok || err != nil || n != len(encoded) {
		return "", false
	}
	b, err := tokens.DecodeString(encoded)
	return string(b), err == nil
}
