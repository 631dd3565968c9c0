package storage_test

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/idemlint/idemlint/runtime/storage"
)

// strange is a request of whatever a fuzzer came up with, to "queue", "blob" or "table":
// headers has a line for each, name and value with a colon between.
func strange(service, method, path, query, headers, body string) *http.Request {
	r := &http.Request{
		Method: method,
		Host:   "demo." + service + ".core.windows.net",
		URL:    &url.URL{Path: "/" + path, RawQuery: query},
		Header: http.Header{},
		Body:   io.NopCloser(strings.NewReader(body)),
	}
	lines := bufio.NewScanner(strings.NewReader(headers))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		r.Header.Add(name, strings.TrimSpace(value))
	}
	return r
}

// checkAnswer sends a request and holds its answer to what every service promises: it is
// a success, or a refusal with the same code in a header and in the body, which code
// takes out of it. It returns the answer.
func checkAnswer(t *testing.T, account *storage.Account, r *http.Request, code func(body []byte) (string, error)) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	account.ServeHTTP(answer, r)
	switch {
	case answer.Code >= 200 && answer.Code < 400:
		return answer
	case answer.Code >= 500 && answer.Code != http.StatusNotImplemented || answer.Code < 200:
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	named := answer.Header().Get("X-Ms-Error-Code")
	if named == "" {
		t.Fatalf("status %d without an error code: %s", answer.Code, answer.Body)
	}
	if r.Method == http.MethodHead {
		if answer.Body.Len() != 0 {
			t.Fatalf("the answer to HEAD has a body: %s", answer.Body)
		}
		return answer
	}
	if got, err := code(answer.Body.Bytes()); err != nil || got != named {
		t.Fatalf("code %q (%v) in the body, %q in the header: %s", got, err, named, answer.Body)
	}
	return answer
}

// xmlCode is the code in a refusal of the queue and blob services.
func xmlCode(body []byte) (string, error) {
	var e struct {
		XMLName xml.Name `xml:"Error"`
		Code    string
	}
	err := xml.Unmarshal(body, &e)
	return e.Code, err
}

// wellFormed tells what is wrong with an XML document.
func wellFormed(document io.Reader) error {
	for decoder := xml.NewDecoder(document); ; {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// FuzzQueue sends one request to an account that has a queue with a message, visible or
// leased. Whatever it is, it is answered, and the account goes on.
func FuzzQueue(f *testing.F) {
	const (
		message    = "<QueueMessage><MessageText>hello</MessageText></QueueMessage>"
		policies   = "<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Permission>r</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>"
		properties = "<StorageServiceProperties><Cors><CorsRule><MaxAgeInSeconds>1</MaxAgeInSeconds></CorsRule></Cors></StorageServiceProperties>"
		first      = "orders/messages/00000000-0000-4000-8000-000000000001"
		receipt    = "popreceipt=AgAAAAMAAAAAAAAAAQAAAAAAAAA%3D"
	)
	for _, s := range []struct{ method, path, query, headers, body string }{
		{"GET", "", "comp=list&prefix=or&maxresults=1&include=metadata&marker=orders", "x-ms-client-request-id: 1", ""},
		{"GET", "", "restype=service&comp=properties", "", ""},
		{"PUT", "", "restype=service&comp=properties", "", properties},
		{"PUT", "letters", "timeout=30", "x-ms-meta-colour: blue\nx-ms-meta-size: L", ""},
		{"PUT", "orders", "", "x-ms-meta-colour: blue", ""},
		{"DELETE", "orders", "", "", ""},
		{"HEAD", "orders", "comp=metadata", "", ""},
		{"PUT", "orders", "comp=metadata", "x-ms-meta-2: blue", ""},
		{"GET", "orders", "comp=acl", "", ""},
		{"PUT", "orders", "comp=acl", "", policies},
		{"POST", "orders/messages", "visibilitytimeout=5&messagettl=-1", "", message},
		{"GET", "orders/messages", "numofmessages=32&visibilitytimeout=604800", "", ""},
		{"GET", "orders/messages", "peekonly=true", "", ""},
		{"DELETE", "orders/messages", "", "", ""},
		{"PUT", first, receipt + "&visibilitytimeout=0", "", message},
		{"DELETE", first, receipt, "", ""},
		{"DELETE", first + "/text", "popreceipt=%zz", "", "<"},
	} {
		f.Add(s.method, s.path, s.query, s.headers, s.body, false)
	}
	f.Fuzz(func(t *testing.T, method, path, query, headers, body string, leased bool) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		account := storage.New("demo", storage.Clock(func() time.Time { return now }))
		for _, r := range []*http.Request{
			strange("queue", http.MethodPut, "orders", "", "", ""),
			strange("queue", http.MethodPost, "orders/messages", "", "", message),
		} {
			if answer := checkAnswer(t, account, r, xmlCode); answer.Code != http.StatusCreated {
				t.Fatalf("%s %s: status %d", r.Method, r.URL, answer.Code)
			}
		}
		if leased {
			checkAnswer(t, account, strange("queue", http.MethodGet, "orders/messages", "", "", ""), xmlCode)
		}

		answer := checkAnswer(t, account, strange("queue", method, path, query, headers, body), xmlCode)
		if answer.Body.Len() > 0 {
			if err := wellFormed(answer.Body); err != nil {
				t.Fatalf("the answer is no XML: %v", err)
			}
		}
		for name, messages := range account.Queues.Snapshot() {
			if visible := account.Queues.Visible(name); visible > len(messages) {
				t.Fatalf("%d visible of %d", visible, len(messages))
			}
		}
		if next, any := account.Queues.NextVisible(); any && !next.After(now) {
			t.Fatalf("the next message is visible at %v, which is not after %v", next, now)
		}
	})
}
