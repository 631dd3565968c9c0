// Package storage is an Azure Storage account in this process: queues, blobs and
// tables, spoken to by the official clients (azqueue, azblob, aztables).
//
// An [Account] is a policy.Transporter, so that a client needs no network:
//
//	account := storage.New("demo")
//	options := azcore.ClientOptions{Transport: account}
//	client, err := azqueue.NewQueueClientWithNoCredential(account.QueueURL("orders"), &azqueue.ClientOptions{ClientOptions: options})
//
// and an http.Handler, so that other processes and other languages can use it. Time is
// time.Now: inside a testing/synctest bubble a visibility timeout of two minutes costs
// nothing. Who sends a request is not checked.
package storage

import (
	"net/http"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/internal/wire"
	"github.com/idemlint/idemlint/runtime/storage/blob"
	"github.com/idemlint/idemlint/runtime/storage/queue"
	"github.com/idemlint/idemlint/runtime/storage/table"
)

// Account is one storage account. Its zero value is of no use: see [New].
type Account struct {
	Queues *queue.Service
	Blobs  *blob.Service
	Tables *table.Service

	name string
}

// Option changes how [New] makes an account.
type Option func(*settings)

type settings struct{ now func() time.Time }

// Clock makes the account read the time from now instead of time.Now.
func Clock(now func() time.Time) Option {
	return func(s *settings) { s.now = now }
}

// New returns an empty account of this name.
func New(name string, options ...Option) *Account {
	s := settings{now: time.Now}
	for _, o := range options {
		o(&s)
	}
	return &Account{
		name:   name,
		Queues: queue.New(s.now),
		Blobs:  blob.New(s.now),
		Tables: table.New(s.now),
	}
}

// QueueURL is the address of a queue, or of the queue service when name is "".
func (a *Account) QueueURL(name string) string { return a.url("queue", name) }

// BlobURL is the address of a container (or of "container/blob"), or of the blob
// service when name is "".
func (a *Account) BlobURL(name string) string { return a.url("blob", name) }

// TableURL is the address of a table, or of the table service when name is "".
func (a *Account) TableURL(name string) string { return a.url("table", name) }

func (a *Account) url(service, path string) string {
	return "https://" + a.name + "." + service + ".core.windows.net/" + path
}

// Do answers one request of a client in this process; it never fails by itself.
func (a *Account) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	var answer wire.Answer
	a.ServeHTTP(&answer, received(r))
	if r.Body != nil {
		_ = r.Body.Close() // As a transport must.
	}
	return answer.Response(r), nil
}

// received is a client's request as a server sees it: with a body, with a host, and with
// the names of its headers in one form. The clients write some of them in lower case,
// which net/http's transport would mend.
func received(r *http.Request) *http.Request {
	inner := r.WithContext(r.Context())
	inner.Header = make(http.Header, len(r.Header))
	for name, values := range r.Header {
		name = http.CanonicalHeaderKey(name)
		inner.Header[name] = append(inner.Header[name], values...)
	}
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	if inner.Host == "" {
		inner.Host = inner.URL.Host
	}
	return inner
}

// ServeHTTP answers a request to <account>.queue.…, <account>.blob.… or
// <account>.table.…; any other host is 404.
func (a *Account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	labels := strings.SplitN(r.Host, ".", 3)
	service := ""
	if len(labels) > 1 {
		service = labels[1]
	}
	if h := a.Service(service); h != nil {
		h.ServeHTTP(w, r)
		return
	}
	http.Error(w, "no storage service at host "+r.Host, http.StatusNotFound)
}

// Service is the handler of "queue", "blob" or "table", nil for any other name; its
// paths begin with the queue, container or table.
func (a *Account) Service(name string) http.Handler {
	switch name {
	case "queue":
		return a.Queues
	case "blob":
		return a.Blobs
	case "table":
		return a.Tables
	}
	return nil
}
