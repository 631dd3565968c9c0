package explore

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// role is what an operation is to the message loop.
type role uint8

const (
	receive role = iota + 1 // takes messages from a queue
	settle                  // deletes a message of the worked queue
	renew                   // updates one
	read                    // changes nothing
	write                   // changes blobs, tables, other queues
	effect                  // a request to somewhere else
)

// operation is one request of an instance, from the moment it is sent.
type operation struct {
	in      *Instance
	request *http.Request
	body    []byte
	answer  chan answer
	// withdrawn: its client has stopped waiting before it was executed.
	withdrawn atomic.Bool

	index   int    // in its instance, from 1; 0 until its turn has come
	key     string // see order
	turns   int    // how often its turn has come: each time the next fault is looked for
	since   time.Time
	role    role
	queue   string // of a receive
	message string // of settle and renew: the message's id
	what    string // what it is about, as State.Lines names it
	lease   time.Duration
}

type answer struct {
	response *http.Response
	err      error
}

// defaultLease is the queue service's own visibility timeout.
const defaultLease = 30 * time.Second

// classify finds out what a request is about.
func (op *operation) classify(worked string) {
	u := op.request.URL
	switch storageService(u.Host) {
	case "queue":
		op.classifyQueue(u, worked)
	case "blob":
		op.what = "blob " + strings.TrimPrefix(u.Path, "/")
		op.role = storageRole(op.request.Method)
	case "table":
		op.classifyTable(u)
	default:
		op.what = op.request.Method + " " + u.String()
		op.role = effect
	}
}

// storageService is "queue", "blob" or "table" for a host of the account, "" otherwise.
func storageService(host string) string {
	rest, found := strings.CutPrefix(host, accountName+".")
	if !found {
		return ""
	}
	service, _, _ := strings.Cut(rest, ".")
	switch service {
	case "queue", "blob", "table":
		return service
	}
	return ""
}

func storageRole(method string) role {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return read
	}
	return write
}

func (op *operation) classifyQueue(u *url.URL, worked string) {
	method := op.request.Method
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	queue := parts[0]
	op.what = "queue " + queue
	op.role = storageRole(method)
	if len(parts) < 2 || parts[1] != "messages" {
		return
	}
	if len(parts) == 2 {
		if method == http.MethodGet && !strings.EqualFold(u.Query().Get("peekonly"), "true") {
			op.role, op.queue, op.lease = receive, queue, visibility(u)
		}
		return
	}
	op.message = parts[2]
	if queue != worked {
		return
	}
	switch method {
	case http.MethodDelete:
		op.role = settle
	case http.MethodPut:
		op.role, op.lease = renew, visibility(u)
	}
}

func visibility(u *url.URL) time.Duration {
	seconds, err := strconv.Atoi(u.Query().Get("visibilitytimeout"))
	if err != nil {
		return defaultLease
	}
	return time.Duration(seconds) * time.Second
}

func (op *operation) classifyTable(u *url.URL) {
	op.role = storageRole(op.request.Method)
	path := strings.Trim(u.Path, "/")
	table, keys, found := strings.Cut(path, "(")
	op.what = "table " + table
	switch {
	case found && keys != ")":
		if partition, row, ok := entityKeys(keys); ok {
			op.what = "row " + table + "/" + partition + "/" + row
		}
	case op.request.Method == http.MethodPost && table != "Tables" && !strings.HasPrefix(table, "$"):
		var entity struct{ PartitionKey, RowKey string }
		if json.Unmarshal(op.body, &entity) == nil {
			op.what = "row " + table + "/" + entity.PartitionKey + "/" + entity.RowKey
		}
	}
}

// entityKeys reads the rest of "(PartitionKey='p',RowKey='r')".
func entityKeys(keys string) (partition, row string, ok bool) {
	rest, ok := strings.CutPrefix(keys, "PartitionKey='")
	if !ok {
		return "", "", false
	}
	partition, rest, ok = strings.Cut(rest, "',RowKey='")
	if !ok {
		return "", "", false
	}
	row, ok = strings.CutSuffix(rest, "')")
	quotes := strings.NewReplacer("''", "'")
	return quotes.Replace(partition), quotes.Replace(row), ok
}

// order is by what the pending operations of one instance are sorted, so that it does not
// matter which of its goroutines ran first, nor what names they drew.
func (op *operation) order(f *fresh) string {
	blank := func(text string) string { return replaceFresh(f.mark(text), func(string) string { return "" }) }
	return op.request.Method + " " + blank(op.request.URL.Path) + " " + blank(string(op.body))
}
