package table

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// collection serves the tables of the account as a whole; s.mu is held.
//
//	Query Tables  https://learn.microsoft.com/rest/api/storageservices/query-tables
//	Create Table  https://learn.microsoft.com/rest/api/storageservices/create-table
//	Delete Table  https://learn.microsoft.com/rest/api/storageservices/delete-table
func (s *Service) collection(q *request, v url.Values, at place) (answer, *wire.Error) {
	switch {
	case at.named && q.method == http.MethodDelete:
		return s.deleteTable(at.name)
	case at.named && q.method == http.MethodGet:
		return s.getTable(q, v, at.name)
	case !at.named && q.method == http.MethodPost:
		return s.createTable(q, v)
	case !at.named && q.method == http.MethodGet:
		return s.queryTables(q, v)
	}
	return answer{}, badMethod(q.method)
}

func (s *Service) createTable(q *request, v url.Values) (answer, *wire.Error) {
	if refusal := jsonOnly(q.header); refusal != nil {
		return answer{}, refusal
	}
	l, refusal := q.level(v)
	if refusal != nil {
		return answer{}, refusal
	}
	name, found := "", false
	ok := eachMember(q.body, func(member string, value jsonValue) bool {
		switch {
		case member == "TableName" && value.kind == jsonString && !found:
			name, found = value.text, true
			return true
		case strings.HasPrefix(member, "odata."), member == "TableName@odata.type":
			return true
		}
		return false
	})
	if !ok {
		return answer{}, badInput("An error occurred while processing this request.")
	}
	if !found {
		return answer{}, wire.Refuse(http.StatusBadRequest, "PropertiesNeedValue",
			"The values are not specified for all properties in the entity.")
	}
	if refusal := checkTableName(name); refusal != nil {
		return answer{}, refusal
	}
	lower := strings.ToLower(name)
	if s.tables[lower] != nil {
		return answer{}, wire.Refuse(http.StatusConflict, "TableAlreadyExists", "The table specified already exists.")
	}
	if s.tables == nil {
		s.tables = map[string]*table{}
	}
	s.tables[lower] = &table{name: name, entities: map[Key]*entity{}}
	a := answer{status: http.StatusCreated}
	where := q.base() + "Tables('" + name + "')"
	a.set("Location", where)
	c := change{}
	c.readPreference(q.header)
	if c.preference != "" {
		a.set("Preference-Applied", c.preference)
	}
	if c.silent {
		a.status = http.StatusNoContent
		a.set("Dataserviceid", where)
		return a, nil
	}
	a.set("Content-Type", l.contentType())
	a.body = appendTable(nil, name, l, q.base(), true)
	return a, nil
}

// checkTableName refuses what is no name of a table:
// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#table-names.
func checkTableName(name string) *wire.Error {
	if len(name) < 3 || len(name) > 63 {
		return wire.Refuse(http.StatusBadRequest, "OutOfRangeInput",
			"The specified resource name length is not within the permissible limits.")
	}
	for i := range len(name) {
		c := name[i] | 0x20
		if letter := 'a' <= c && c <= 'z'; !letter && (i == 0 || name[i] < '0' || name[i] > '9') {
			return wire.Refuse(http.StatusBadRequest, "InvalidResourceName",
				"The specifed resource name contains invalid characters.") // as the service spells it
		}
	}
	if strings.EqualFold(name, "tables") {
		return badInput("One of the request inputs is not valid.")
	}
	return nil
}

// deleteTable deletes a table at once. (The service keeps its name from being used
// again for some 40 seconds; whoever waits for that here would wait for nothing.)
func (s *Service) deleteTable(name string) (answer, *wire.Error) {
	lower := strings.ToLower(name)
	if s.tables[lower] == nil {
		return answer{}, notFound()
	}
	delete(s.tables, lower)
	return answer{status: http.StatusNoContent}, nil
}

// appendTable writes a table as JSON. Alone, it has the address of its metadata in it.
func appendTable(b []byte, name string, l level, base string, alone bool) []byte {
	b = append(b, '{')
	if alone && l != noMetadata {
		b = append(b, `"odata.metadata":`...)
		b = appendString(b, base+"$metadata#Tables/@Element")
		b = append(b, ',')
	}
	if l == fullMetadata {
		link := "Tables('" + name + "')"
		b = append(b, `"odata.type":`...)
		b = appendString(b, account(base)+".Tables")
		b = append(b, `,"odata.id":`...)
		b = appendString(b, base+link)
		b = append(b, `,"odata.editLink":`...)
		b = appendString(b, link)
		b = append(b, ',')
	}
	b = append(b, `"TableName":`...)
	b = appendString(b, name)
	return append(b, '}')
}

// getTable answers with one table.
func (s *Service) getTable(q *request, v url.Values, name string) (answer, *wire.Error) {
	l, refusal := q.level(v)
	if refusal != nil {
		return answer{}, refusal
	}
	t := s.tables[strings.ToLower(name)]
	if t == nil {
		return answer{}, notFound()
	}
	a := answer{status: http.StatusOK}
	a.set("Content-Type", l.contentType())
	a.body = appendTable(nil, t.name, l, q.base(), true)
	return a, nil
}

// queryTables answers with the tables by name, a page at a time.
func (s *Service) queryTables(q *request, v url.Values) (answer, *wire.Error) {
	l, refusal := q.level(v)
	if refusal != nil {
		return answer{}, refusal
	}
	o, refusal := readOptions(v)
	if refusal != nil {
		return answer{}, refusal
	}
	next, ok := resumed(v.Get("NextTableName"))
	if !ok {
		return answer{}, badInput("One of the request inputs is not valid.")
	}
	a := answer{status: http.StatusOK}
	a.set("Content-Type", l.contentType())
	b := appendListHead(make([]byte, 0, 1024), l, q.base(), "Tables", nil)
	count := 0
	for _, lower := range slices.Sorted(maps.Keys(s.tables)) {
		name := s.tables[lower].name
		if lower < next || o.filter != nil && !o.filter.matches(tableValue(name)) {
			continue
		}
		if count == o.top {
			if o.top > 0 {
				a.set("X-Ms-Continuation-Nexttablename", continuation(lower))
			}
			break
		}
		if count > 0 {
			b = append(b, ',')
		}
		b = appendTable(b, name, l, q.base(), false)
		count++
	}
	a.body = append(b, "]}"...)
	return a, nil
}

// tableValue gives a filter the only property that a table has.
func tableValue(table string) func(string) any {
	return func(name string) any {
		if name == "TableName" {
			return table
		}
		return nil
	}
}
