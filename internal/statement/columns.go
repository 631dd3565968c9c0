package statement

import (
	"slices"
	"strings"
)

// Identity are the values of the columns by which an inserted row is told from others: the
// target of its conflict clause, or else the columns that are called like a key. Empty
// where there is none: the database makes the key.
func (s *Statement) Identity() []Operand {
	columns := s.Target
	if len(columns) == 0 {
		columns = s.keys()
	}
	var list []Operand
	for _, c := range columns {
		for _, p := range s.Sets {
			if p.Column == c {
				list = append(list, p.Value)
			}
		}
	}
	return list
}

// keys are the columns that are called like the table's own key.
func (s *Statement) keys() []string {
	table := s.Table[strings.LastIndexByte(s.Table, '.')+1:]
	var list []string
	for _, p := range s.Sets {
		c := p.Column
		switch {
		case slices.Contains([]string{"id", "_id", "uuid", "guid", "uid", "key", "pk"}, c):
			return []string{c}
		case ownKey(c, table), OnceKey(c):
			list = append(list, c)
		}
	}
	return list
}

// ownKey reports whether a column is called after its table: order_id in orders.
func ownKey(column, table string) bool {
	name, ok := strings.CutSuffix(column, "_id")
	if !ok {
		name, ok = strings.CutSuffix(column, "id")
	}
	if !ok || name == "" {
		return false
	}
	return name == table || name+"s" == table || name+"es" == table || strings.TrimSuffix(name, "y")+"ies" == table || strings.HasSuffix(table, "_"+name+"s")
}

// OnceKey reports whether a column is called like the id of what is done once: the
// message's, the event's, the request's.
func OnceKey(column string) bool {
	c := strings.ReplaceAll(column, "_", "")
	for _, w := range [...]string{"messageid", "msgid", "eventid", "requestid", "externalid", "idempot", "dedup", "deliveryid", "jobid", "taskid", "transactionid", "txid", "sourceid", "correlationid", "reference", "checksum", "fingerprint", "hash", "slug", "etag", "offset", "sequence"} {
		if strings.Contains(c, w) {
			return true
		}
	}
	return false
}

// Version reports whether a column counts the changes of its row.
func Version(column string) bool {
	switch column {
	case "version", "ver", "revision", "rev", "etag", "generation", "row_version", "rowversion", "lock_version", "epoch":
		return true
	}
	return strings.HasSuffix(column, "_version")
}

// State reports whether a column in a condition is a version or a state, no key.
func State(column string) bool {
	return slices.ContainsFunc(states, func(s string) bool { return strings.Contains(column, s) })
}

// Stamp reports whether a column tells when its row was changed.
func Stamp(column string) bool {
	return strings.HasSuffix(column, "_at") || strings.HasSuffix(column, "_on") || strings.HasPrefix(column, "last_") || column == "modified" || column == "updated" || column == "timestamp"
}

// RelativeOperator reports whether an operator of an update document changes what is
// there by an amount (MongoDB: https://www.mongodb.com/docs/manual/reference/operator/update/).
func RelativeOperator(name string) bool {
	switch name {
	case "$inc", "$mul", "$push", "$pushAll", "$bit":
		return true
	}
	return false
}
