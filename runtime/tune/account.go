package tune

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/idemlint/idemlint/runtime/storage"
)

// account is one queue of an in-process storage account, over its REST interface. The
// requests are written by hand: what azqueue adds to them, retries and timeouts, is
// modelled by the network, and without it a request costs a quarter.
type account struct {
	service http.Handler
	answer  answer
	err     error // the first that was not expected, and so is a bug
}

const messages = "/tune/messages"

func newAccount(now func() time.Time) *account {
	a := &account{service: storage.New("tune", storage.Clock(now)).Service("queue"), answer: answer{header: http.Header{}}}
	a.do(http.MethodPut, "/tune", "", "", http.StatusCreated)
	return a
}

// delivery is a message as a worker receives it.
type delivery struct {
	id, receipt, body string
	count             int // of deliveries, this one included
}

func (a *account) put(body string) {
	a.do(http.MethodPost, messages, "messagettl=-1", body, http.StatusCreated)
}

// get is nil when no message is visible.
func (a *account) get(visibility time.Duration) *delivery {
	a.do(http.MethodGet, messages, "numofmessages=1&visibilitytimeout="+seconds(visibility), "", http.StatusOK)
	text := a.answer.body.String()
	id := element(text, "MessageId")
	if id == "" {
		return nil
	}
	count, err := strconv.Atoi(element(text, "DequeueCount"))
	if err != nil {
		a.fail(err)
	}
	return &delivery{id: id, receipt: element(text, "PopReceipt"), body: element(text, "MessageText"), count: count}
}

// update returns the new receipt; "" when the old one is not valid any more.
func (a *account) update(d *delivery, receipt string, visibility time.Duration) string {
	query := "popreceipt=" + url.QueryEscape(receipt) + "&visibilitytimeout=" + seconds(visibility)
	if a.do(http.MethodPut, messages+"/"+d.id, query, d.body, http.StatusNoContent) == http.StatusNotFound {
		return ""
	}
	return a.answer.header.Get("X-Ms-Popreceipt")
}

// remove reports whether there was something to delete.
func (a *account) remove(d *delivery, receipt string) bool {
	query := "popreceipt=" + url.QueryEscape(receipt)
	return a.do(http.MethodDelete, messages+"/"+d.id, query, "", http.StatusNoContent) != http.StatusNotFound
}

// do sends one request. The status is want or 404; another is a mistake of this package.
func (a *account) do(method, path, query, text string, want int) int {
	r := &http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}, Body: http.NoBody}
	if text != "" {
		r.Body = io.NopCloser(strings.NewReader("<QueueMessage><MessageText>" + text + "</MessageText></QueueMessage>"))
	}
	clear(a.answer.header)
	a.answer.body.Reset()
	a.answer.status = http.StatusOK
	a.service.ServeHTTP(&a.answer, r)
	if s := a.answer.status; s != want && s != http.StatusNotFound {
		a.fail(fmt.Errorf("%s %s?%s: status %d: %s", method, path, query, s, a.answer.body.String()))
	}
	return a.answer.status
}

func (a *account) fail(err error) {
	if a.err == nil {
		a.err = fmt.Errorf("simulation: %w", err)
	}
}

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

// element is the text of the first element of that name. encoding/xml would take longer
// than the service; and what is looked for here has nothing in it that XML escapes.
func element(xml, name string) string {
	_, rest, _ := strings.Cut(xml, "<"+name+">")
	text, _, found := strings.Cut(rest, "</"+name+">")
	if !found {
		return ""
	}
	return text
}

// answer keeps what the service says.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
