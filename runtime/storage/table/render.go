package table

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// level is how much metadata an answer has.
type level uint8

const (
	minimalMetadata level = iota
	noMetadata
	fullMetadata
)

// contentType is the Content-Type of an answer with this much metadata.
func (l level) contentType() string {
	switch l {
	case noMetadata:
		return "application/json;odata=nometadata;streaming=true;charset=utf-8"
	case fullMetadata:
		return "application/json;odata=fullmetadata;streaming=true;charset=utf-8"
	}
	return "application/json;odata=minimalmetadata;streaming=true;charset=utf-8"
}

// level is the metadata that q asks for: by $format, else by Accept. Atom, which the
// service no longer has since its version 2015-12-11, is refused:
// https://learn.microsoft.com/rest/api/storageservices/payload-format-for-table-service-operations.
func (q *request) level(v url.Values) (level, *wire.Error) {
	asked := q.header.Get("Accept")
	if format := v.Get("$format"); format != "" {
		asked = format
	}
	switch asked { // as aztables says it
	case "application/json;odata=minimalmetadata":
		return minimalMetadata, nil
	case "application/json;odata=fullmetadata":
		return fullMetadata, nil
	case "application/json;odata=nometadata":
		return noMetadata, nil
	}
	asked = strings.ToLower(strings.ReplaceAll(asked, " ", ""))
	switch {
	case strings.Contains(asked, "odata=verbose"):
		return 0, wire.Refuse(http.StatusUnsupportedMediaType, "JsonVerboseFormatNotSupported", "JSON Verbose format is not supported.")
	case strings.Contains(asked, "odata=nometadata"):
		return noMetadata, nil
	case strings.Contains(asked, "odata=fullmetadata"):
		return fullMetadata, nil
	case asked == "", strings.Contains(asked, "application/json"), strings.Contains(asked, "*/*"):
		return minimalMetadata, nil
	}
	return 0, wire.Refuse(http.StatusUnsupportedMediaType, "AtomFormatNotSupported", "Atom format is not supported.")
}

// jsonOnly refuses a body that says it is no JSON.
func jsonOnly(header http.Header) *wire.Error {
	kind := header.Get("Content-Type")
	if kind == "" || strings.HasPrefix(kind, "application/json") {
		return nil
	}
	return wire.Refuse(http.StatusUnsupportedMediaType, "AtomFormatNotSupported", "Atom format is not supported.")
}

// appendEntity writes e as JSON: all of it when columns is nil, else those columns, null
// where e has none. Alone, it has the address of its metadata in it.
func appendEntity(b []byte, e *entity, l level, base, table string, columns []string, alone bool) []byte {
	b = append(b, '{')
	if alone && l != noMetadata {
		b = append(b, `"odata.metadata":`...)
		b = appendString(b, base+"$metadata#"+table+"/@Element"+selected(columns))
		b = append(b, ',')
	}
	if l == fullMetadata {
		link := string(appendEditLink(nil, table, e.key))
		b = append(b, `"odata.type":`...)
		b = appendString(b, account(base)+"."+table)
		b = append(b, `,"odata.id":`...)
		b = appendString(b, base+link)
		b = append(b, `,"odata.editLink":`...)
		b = appendString(b, link)
		b = append(b, ',')
	}
	if l != noMetadata {
		b = append(b, `"odata.etag":`...)
		b = appendString(b, e.etag)
		b = append(b, ',')
	}
	if columns == nil {
		b = appendSystem(b, "PartitionKey", e, l)
		b = appendSystem(b, "RowKey", e, l)
		b = appendSystem(b, "Timestamp", e, l)
		for _, p := range e.properties {
			b = appendProperty(b, p, l)
		}
	}
	for _, name := range columns {
		switch name {
		case "PartitionKey", "RowKey", "Timestamp":
			b = appendSystem(b, name, e, l)
		default:
			b = appendProperty(b, property{name, e.value(name)}, l)
		}
	}
	if b[len(b)-1] == ',' {
		b = b[:len(b)-1]
	}
	return append(b, '}')
}

// appendListHead writes a list up to its first item.
func appendListHead(b []byte, l level, base, of string, columns []string) []byte {
	b = append(b, '{')
	if l != noMetadata {
		b = append(b, `"odata.metadata":`...)
		b = appendString(b, base+"$metadata#"+of+selected(columns))
		b = append(b, ',')
	}
	return append(b, `"value":[`...)
}

// selected is how the address of metadata tells the columns of a projection.
func selected(columns []string) string {
	if columns == nil {
		return ""
	}
	return "&$select=" + strings.Join(columns, ",")
}

// appendSystem writes a property that every entity has, and a comma.
func appendSystem(b []byte, name string, e *entity, l level) []byte {
	switch name {
	case "PartitionKey":
		b = append(b, `"PartitionKey":`...)
		b = appendString(b, e.key.Partition)
	case "RowKey":
		b = append(b, `"RowKey":`...)
		b = appendString(b, e.key.Row)
	case "Timestamp":
		if l == fullMetadata { // less does not need it: each entity has this one
			b = append(b, `"Timestamp@odata.type":"Edm.DateTime",`...)
		}
		b = append(b, `"Timestamp":`...)
		b = appendValue(b, e.stamp)
	}
	return append(b, ',')
}

// appendProperty writes p with the annotation it needs, and a comma.
func appendProperty(b []byte, p property, l level) []byte {
	if l != noMetadata {
		if edm := annotation(p.value); edm != "" {
			b = appendString(b, p.name+"@odata.type")
			b = append(b, ':', '"')
			b = append(b, edm...)
			b = append(b, '"', ',')
		}
	}
	b = appendString(b, p.name)
	b = append(b, ':')
	b = appendValue(b, p.value)
	return append(b, ',')
}

// value is the property of this name, nil when e has none.
func (e *entity) value(name string) any {
	switch name {
	case "PartitionKey":
		return e.key.Partition
	case "RowKey":
		return e.key.Row
	case "Timestamp":
		return e.stamp
	}
	i, found := slices.BinarySearchFunc(e.properties, name, func(p property, name string) int {
		return strings.Compare(p.name, name)
	})
	if !found {
		return nil
	}
	return e.properties[i].value
}

// appendEditLink writes the address of an entity, without that of the service.
func appendEditLink(b []byte, table string, k Key) []byte {
	b = append(b, table...)
	b = append(b, "(PartitionKey='"...)
	b = append(b, escapeKey(k.Partition)...)
	b = append(b, "',RowKey='"...)
	b = append(b, escapeKey(k.Row)...)
	return append(b, "')"...)
}

func escapeKey(part string) string {
	return url.PathEscape(strings.ReplaceAll(part, "'", "''"))
}

// account is the name of the account whose service is at base.
func account(base string) string {
	host := strings.TrimPrefix(base, "https://")
	name, _, _ := strings.Cut(host, ".")
	return strings.TrimSuffix(name, "/")
}

// stamp is the time of a change: now, but later than that of any change before, so that
// no two versions have the same ETag even when time stands still; s.mu is held.
func (s *Service) stamp() time.Time {
	t := s.now().UTC().Truncate(tick)
	if !t.After(s.last) {
		t = s.last.Add(tick)
	}
	s.last = t
	return t
}
