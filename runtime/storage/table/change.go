package table

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// methodMerge is the verb of OData 2 for what is PATCH in OData 3.
const methodMerge = "MERGE"

// change is one change of one entity, read and checked but for what it meets in its
// table.
type change struct {
	method     string // POST inserts, PUT replaces, PATCH merges, DELETE
	table      string
	key        Key
	properties []property
	ifMatch    string // "" is none: then PUT and PATCH insert what is not there
	silent     bool   // the answer to an insert has no body
	preference string // the Prefer header that is honoured, "" for none
	base       string
	level      level
	stamp      time.Time // that of the transaction; zero gives the change its own
}

// change changes an entity; s.mu is held.
//
//	Insert Entity             https://learn.microsoft.com/rest/api/storageservices/insert-entity
//	Update Entity             https://learn.microsoft.com/rest/api/storageservices/update-entity2
//	Merge Entity              https://learn.microsoft.com/rest/api/storageservices/merge-entity
//	Insert Or Replace Entity  https://learn.microsoft.com/rest/api/storageservices/insert-or-replace-entity
//	Insert Or Merge Entity    https://learn.microsoft.com/rest/api/storageservices/insert-or-merge-entity
//	Delete Entity             https://learn.microsoft.com/rest/api/storageservices/delete-entity1
func (s *Service) change(q *request, v url.Values, at place) (answer, *wire.Error) {
	c, refusal := readChange(q, v, at)
	if refusal != nil {
		return answer{}, refusal
	}
	t, refusal := s.find(c.table)
	if refusal != nil {
		return answer{}, refusal
	}
	return s.apply(t, &c)
}

// readChange reads the change that q asks for.
func readChange(q *request, v url.Values, at place) (change, *wire.Error) {
	c := change{method: q.method, table: at.table, key: at.key, base: q.base()}
	if c.method == methodMerge {
		c.method = http.MethodPatch
	}
	switch c.method {
	case http.MethodPost:
		if at.keyed {
			return change{}, badMethod(q.method)
		}
	case http.MethodPut, http.MethodPatch, http.MethodDelete:
		if !at.keyed {
			return change{}, badMethod(q.method)
		}
	default:
		return change{}, badMethod(q.method)
	}
	if refusal := c.readConditions(q.header); refusal != nil {
		return change{}, refusal
	}
	if c.method != http.MethodDelete {
		if refusal := c.readBody(q, v); refusal != nil {
			return change{}, refusal
		}
	}
	if refusal := checkKey(c.key); refusal != nil {
		return change{}, refusal
	}
	return c, checkSize(c.key, c.properties)
}

// readConditions reads the conditional headers. The service knows only If-Match, and
// not for an insert. (aztables sends one always but for an upsert.)
func (c *change) readConditions(header http.Header) *wire.Error {
	if _, found := header["If-None-Match"]; found {
		return badInput("If-None-Match HTTP header cannot be specified for " + c.method + " operations.")
	}
	match, found := header["If-Match"]
	switch {
	case !found && c.method == http.MethodDelete:
		return wire.Refuse(http.StatusBadRequest, "MissingRequiredHeader",
			"An HTTP header that's mandatory for this request is not specified: If-Match.")
	case !found:
		return nil
	case c.method == http.MethodPost:
		return badInput("If-Match HTTP header cannot be specified for POST operations.")
	case len(match) != 1 || match[0] != "*" && !isETag(match[0]):
		return badInput("The etag value '" + strings.Join(match, ", ") +
			"' specified in one of the request headers is not valid. Please make sure only one etag value is specified and is valid.")
	}
	c.ifMatch = match[0]
	return nil
}

// readBody reads the entity of an insert, update or merge.
func (c *change) readBody(q *request, v url.Values) *wire.Error {
	if refusal := jsonOnly(q.header); refusal != nil {
		return refusal
	}
	p, refusal := readEntity(q.body)
	if refusal != nil {
		return refusal
	}
	c.properties = p.properties
	if c.method == http.MethodPost {
		if !p.keyed[0] || !p.keyed[1] {
			return wire.Refuse(http.StatusBadRequest, "PropertiesNeedValue",
				"The values are not specified for all properties in the entity.")
		}
		c.key = p.key
		c.readPreference(q.header)
		c.level, refusal = q.level(v)
		return refusal
	}
	if p.keyed[0] && p.key.Partition != c.key.Partition || p.keyed[1] && p.key.Row != c.key.Row {
		return badInput("The keys of the entity are not those of its address.")
	}
	return nil
}

// readPreference reads the Prefer header: whether the answer to an insert has the
// entity in its body, https://learn.microsoft.com/rest/api/storageservices/setting-the-prefer-header-to-manage-response-echo-on-insert-operations.
func (c *change) readPreference(header http.Header) {
	switch p := header.Get("Prefer"); p {
	case "return-no-content":
		c.silent, c.preference = true, p
	case "return-content":
		c.preference = p
	}
}

// apply makes the change in t, or refuses it; s.mu is held.
func (s *Service) apply(t *table, c *change) (answer, *wire.Error) {
	old := t.entities[c.key]
	switch {
	case c.method == http.MethodPost && old != nil:
		return answer{}, wire.Refuse(http.StatusConflict, "EntityAlreadyExists", "The specified entity already exists.")
	case c.ifMatch != "" && old == nil:
		return answer{}, notFound()
	case c.ifMatch != "" && c.ifMatch != "*" && c.ifMatch != old.etag:
		return answer{}, wire.Refuse(http.StatusPreconditionFailed, "UpdateConditionNotSatisfied",
			"The update condition specified in the request was not satisfied.")
	}
	a := answer{status: http.StatusNoContent}
	if c.method == http.MethodDelete {
		t.put(c.key, nil)
		return a, nil
	}
	properties := c.properties
	if c.method == http.MethodPatch && old != nil {
		properties = merged(old.properties, properties)
		if refusal := checkSize(c.key, properties); refusal != nil {
			return answer{}, refusal
		}
	}
	if c.stamp.IsZero() {
		c.stamp = s.stamp()
	}
	e := &entity{key: c.key, properties: properties, stamp: c.stamp}
	e.etag = newETag(e.stamp)
	t.put(c.key, e)
	a.set("Etag", e.etag)
	if c.method != http.MethodPost {
		return a, nil
	}
	where := c.base + string(appendEditLink(nil, t.name, e.key))
	a.set("Location", where)
	if c.preference != "" {
		a.set("Preference-Applied", c.preference)
	}
	if c.silent {
		a.set("Dataserviceid", where)
		return a, nil
	}
	a.status = http.StatusCreated
	a.set("Content-Type", c.level.contentType())
	a.body = appendEntity(nil, e, c.level, c.base, t.name, nil, true)
	return a, nil
}

// put makes e the entity at k; nil is none.
func (t *table) put(k Key, e *entity) {
	_, found := t.entities[k]
	if found != (e != nil) {
		t.order = nil
	}
	if e == nil {
		delete(t.entities, k)
		return
	}
	t.entities[k] = e
}

func notFound() *wire.Error {
	return wire.Refuse(http.StatusNotFound, "ResourceNotFound", "The specified resource does not exist.")
}
