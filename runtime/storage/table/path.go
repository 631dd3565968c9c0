package table

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// place is what a path of the table service names.
type place struct {
	batch bool
	table string // "" is the service itself; "Tables" the collection of tables
	call  bool   // "orders()" as against "orders"
	keyed bool   // "orders(PartitionKey='…',RowKey='…')"
	key   Key
	named bool   // "Tables('orders')"
	name  string // the table named so
}

// parsePath reads a decoded path, in the forms of
// https://learn.microsoft.com/rest/api/storageservices/addressing-table-service-resources.
func parsePath(path string) (place, *wire.Error) {
	if !utf8.ValidString(path) {
		return place{}, badPath() // a key could not be given back as it came
	}
	rest := strings.TrimPrefix(path, "/")
	switch rest {
	case "":
		return place{}, nil
	case "$batch":
		return place{batch: true}, nil
	}
	if rest[0] == '$' {
		return place{}, notBuilt("the resource " + rest)
	}
	open := strings.IndexByte(rest, '(')
	if open < 0 {
		if strings.ContainsAny(rest, "/)'") {
			return place{}, badPath()
		}
		return place{table: rest}, nil
	}
	at := place{table: rest[:open], call: true}
	inside, closed := strings.CutSuffix(rest[open+1:], ")")
	if at.table == "" || strings.Contains(at.table, "/") || !closed {
		return place{}, badPath()
	}
	if inside == "" {
		return at, nil
	}
	if strings.EqualFold(at.table, "Tables") {
		name, left, ok := quoted(inside)
		if !ok || left != "" {
			return place{}, badPath()
		}
		at.named, at.name = true, name
		return at, nil
	}
	var ok bool
	if at.key, ok = parseKey(inside); !ok || strings.ContainsAny(inside, `/\`) {
		return place{}, badPath()
	}
	at.keyed = true
	return at, nil
}

// parseKey reads "PartitionKey='…',RowKey='…'", the two in either order.
func parseKey(s string) (key Key, ok bool) {
	var partition, row bool
	for {
		name, value, found := strings.Cut(s, "=")
		if !found {
			return Key{}, false
		}
		literal, rest, ok := quoted(strings.TrimSpace(value))
		if !ok {
			return Key{}, false
		}
		switch name = strings.TrimSpace(name); {
		case name == "PartitionKey" && !partition:
			key.Partition, partition = literal, true
		case name == "RowKey" && !row:
			key.Row, row = literal, true
		default:
			return Key{}, false
		}
		if rest = strings.TrimSpace(rest); rest == "" {
			return key, partition && row
		}
		if rest[0] != ',' {
			return Key{}, false
		}
		s = rest[1:]
	}
}

// quoted reads the string literal that s begins with: between apostrophes, of which
// two mean one.
func quoted(s string) (literal, rest string, ok bool) {
	if s == "" || s[0] != '\'' {
		return "", "", false
	}
	s = s[1:]
	end := strings.IndexByte(s, '\'')
	if end < 0 {
		return "", "", false
	}
	if end+1 == len(s) || s[end+1] != '\'' {
		return s[:end], s[end+1:], true
	}
	var b strings.Builder
	for {
		b.WriteString(s[:end])
		s = s[end+1:]
		if s == "" || s[0] != '\'' {
			return b.String(), s, true
		}
		b.WriteByte('\'')
		s = s[1:]
		if end = strings.IndexByte(s, '\''); end < 0 {
			return "", "", false
		}
	}
}

func badPath() *wire.Error {
	return wire.Refuse(http.StatusBadRequest, "InvalidInput", "Bad Request - Error in query syntax.")
}
