package table

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// Key names an entity in its table. Either part may be empty, is told apart by case, has
// at most 1,024 UTF-16 units, and no slash, backslash, #, ? or control character:
// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#characters-disallowed-in-key-fields.
type Key struct{ Partition, Row string }

// compare orders keys as queries give them: by partition, then by row.
func (k Key) compare(other Key) int {
	return cmp.Or(strings.Compare(k.Partition, other.Partition), strings.Compare(k.Row, other.Row))
}

// entity is one version of an entity. It is never changed.
type entity struct {
	key        Key
	properties []property // sorted by name, without the system properties
	stamp      time.Time  // in UTC, a multiple of tick
	etag       string
}

type property struct {
	name  string
	value any
}

// The limits of an entity, from
// https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
// and, for the keys, https://learn.microsoft.com/azure/storage/tables/scalability-targets.
const (
	maxProperties = 252     // besides PartitionKey, RowKey and Timestamp
	maxName       = 255     // of a property, in UTF-16 units
	maxKey        = 1 << 10 // of either key, in UTF-16 units
	maxEntity     = 1 << 20 // in bytes, as size counts them
	maxMembers    = 1 << 10 // of a body: so many are too many properties in any case
)

// payload is what a body says of an entity.
type payload struct {
	key        Key
	keyed      [2]bool // whether the body has a PartitionKey and a RowKey
	properties []property
}

// readEntity reads the JSON of an entity. Control information and the Timestamp, which
// a client may send back as it got them, are passed over, and so are nulls.
// https://learn.microsoft.com/rest/api/storageservices/inserting-and-updating-entities
func readEntity(body []byte) (payload, *wire.Error) {
	const typed = "@odata.type"
	type member struct {
		name  string
		value jsonValue
	}
	var p payload
	var refusal *wire.Error
	members := make([]member, 0, 16)
	types := make([]member, 0, 8)
	ok := eachMember(body, func(name string, v jsonValue) bool {
		switch base, found := strings.CutSuffix(name, typed); {
		case found && v.kind == jsonString:
			types = append(types, member{base, v})
		case strings.HasPrefix(name, "odata."):
		case v.kind == jsonNested, strings.Contains(name, "@"):
			return false
		default:
			members = append(members, member{name, v})
		}
		if len(members) > maxMembers || len(types) > maxMembers {
			refusal = tooManyProperties()
		}
		return refusal == nil
	})
	if refusal != nil {
		return payload{}, refusal
	}
	if !ok {
		return payload{}, badInput("An error occurred while processing this request.")
	}
	slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	p.properties = make([]property, 0, len(members))
	for i, m := range members {
		if i > 0 && members[i-1].name == m.name {
			return payload{}, wire.Refuse(http.StatusBadRequest, "DuplicatePropertiesSpecified",
				"A property is specified more than one time.")
		}
		edm := ""
		for _, t := range types {
			if t.name == m.name {
				edm = t.value.text
				break
			}
		}
		switch m.name {
		case "Timestamp":
			continue
		case "PartitionKey", "RowKey":
			if m.value.kind == jsonNull {
				continue
			}
			if m.value.kind != jsonString || edm != "" && edm != "Edm.String" {
				return payload{}, badInput("An error occurred while processing this request.")
			}
			if m.name == "RowKey" {
				p.key.Row, p.keyed[1] = m.value.text, true
			} else {
				p.key.Partition, p.keyed[0] = m.value.text, true
			}
			continue
		}
		if refusal := checkName(m.name); refusal != nil {
			return payload{}, refusal
		}
		value, refusal := readValue(edm, m.value)
		if refusal != nil {
			return payload{}, refusal
		}
		if value != nil {
			p.properties = append(p.properties, property{m.name, value})
		}
	}
	return p, nil
}

// checkName refuses what cannot be the name of a property: the service takes the
// identifiers of C#.
func checkName(name string) *wire.Error {
	if len(name) > maxName && utf16Len(name) > maxName {
		return wire.Refuse(http.StatusBadRequest, "PropertyNameTooLong",
			"The property name exceeds the maximum allowed length (255).")
	}
	for i, c := range name {
		switch {
		case c == '_', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case i > 0 && '0' <= c && c <= '9':
		case unicode.IsLetter(c) || unicode.Is(unicode.Nl, c):
		case i > 0 && unicode.In(c, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Cf):
		default:
			return nameInvalid()
		}
	}
	if name == "" {
		return nameInvalid()
	}
	return nil
}

func nameInvalid() *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "PropertyNameInvalid", "The property name is invalid.")
}

// checkKey refuses a key that the service cannot keep: too long, or with a character
// that cannot stand in an address.
func checkKey(k Key) *wire.Error {
	for _, part := range [...]string{k.Partition, k.Row} {
		if len(part) > maxKey && utf16Len(part) > maxKey {
			return wire.Refuse(http.StatusBadRequest, "KeyValueTooLarge",
				"The key exceeds the maximum allowed size (1,024 characters).")
		}
		for _, c := range part {
			if c == '/' || c == '\\' || c == '#' || c == '?' || c < ' ' || 0x7f <= c && c <= 0x9f {
				return wire.Refuse(http.StatusBadRequest, "OutOfRangeInput",
					"One of the request inputs is out of range.")
			}
		}
	}
	return nil
}

// checkSize refuses an entity that is too large as a whole.
func checkSize(k Key, properties []property) *wire.Error {
	if len(properties) > maxProperties {
		return tooManyProperties()
	}
	total := 4 + 2*(utf16Len(k.Partition)+utf16Len(k.Row))
	for _, p := range properties {
		total += 8 + 2*utf16Len(p.name) + size(p.value)
	}
	if total > maxEntity {
		return wire.Refuse(http.StatusBadRequest, "EntityTooLarge",
			"The entity is larger than the maximum allowed size (1MB).")
	}
	return nil
}

func tooManyProperties() *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "TooManyProperties",
		"The entity contains more properties than allowed. Each entity can include up to 252 properties to store data. Each entity also has 3 system properties.")
}

// merged is the properties of old with those of changes in their place or besides.
// Both are sorted by name, and so is the result.
func merged(old, changes []property) []property {
	all := make([]property, 0, len(old)+len(changes))
	for len(old) > 0 && len(changes) > 0 {
		switch order := strings.Compare(old[0].name, changes[0].name); {
		case order < 0:
			all, old = append(all, old[0]), old[1:]
		case order > 0:
			all, changes = append(all, changes[0]), changes[1:]
		default:
			all, old, changes = append(all, changes[0]), old[1:], changes[1:]
		}
	}
	return append(append(all, old...), changes...)
}

// newETag is the version of an entity that was changed at t: weak, the time in it, its
// colons escaped.
func newETag(t time.Time) string {
	var plain [32]byte
	b := append(make([]byte, 0, 48), `W/"datetime'`...)
	for _, c := range t.AppendFormat(plain[:0], dateTime) {
		if c == ':' {
			b = append(b, "%3A"...)
		} else {
			b = append(b, c)
		}
	}
	return string(append(b, `'"`...))
}

// isETag tells whether s has the form of an ETag of this service, which are all weak.
func isETag(s string) bool {
	return len(s) > 4 && (s[:3] == `W/"` || s[:3] == `w/"`) && strings.IndexByte(s[3:], '"') == len(s)-4
}
