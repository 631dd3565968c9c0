package wire_test

import (
	"encoding/xml"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/idemlint/idemlint/runtime/internal/wire"
)

// A refusal says its code in a header and in the body, with what else is known.
func TestRefusal(t *testing.T) {
	refusal := wire.Refuse(http.StatusBadRequest, "InvalidInput", "One of the inputs is <invalid>.", wire.Detail{Name: "Reason", Value: "a & b"})
	get, head := httptest.NewRecorder(), httptest.NewRecorder()
	refusal.WriteXML(get, httptest.NewRequest(http.MethodGet, "/", nil))
	refusal.WriteXML(head, httptest.NewRequest(http.MethodHead, "/", nil))

	want := `<?xml version="1.0" encoding="utf-8"?><Error><Code>InvalidInput</Code>` +
		`<Message>One of the inputs is &lt;invalid&gt;.</Message><Reason>a &amp; b</Reason></Error>`
	if got := get.Body.String(); got != want {
		t.Errorf("body\n%s\nwant\n%s", got, want)
	}
	for name, answer := range map[string]*httptest.ResponseRecorder{"GET": get, "HEAD": head} {
		if code := answer.Header().Get("X-Ms-Error-Code"); answer.Code != http.StatusBadRequest || code != "InvalidInput" {
			t.Errorf("%s: %d %s, want 400 InvalidInput", name, answer.Code, code)
		}
	}
	if head.Body.Len() != 0 {
		t.Errorf("HEAD: a body of %d bytes, want none", head.Body.Len())
	}
}

// What XML writes, encoding/xml reads, whatever the text.
func TestXML(t *testing.T) {
	const text = "<a b=\"c\">&'\r\n\t \U0001F4E8"
	var body wire.XML
	body.OpenWith("Root", "At", text).Text("Text", text).Raw("<Raw>r</Raw>").Open("Open").Close("Open").Close("Root")
	var got struct {
		At   string `xml:"At,attr"`
		Text string
		Raw  string
	}
	if err := xml.Unmarshal(body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.At != text || got.Text != text || got.Raw != "r" {
		t.Errorf("read %q, %q, %q; want %q twice, and r", got.At, got.Text, got.Raw, text)
	}
}

func TestMetadata(t *testing.T) {
	for _, c := range []struct {
		name    string
		headers http.Header
		want    map[string]string
		refusal string
	}{
		{"none", http.Header{"Content-Type": {"a"}}, nil, ""},
		{"some", http.Header{"X-Ms-Meta-Colour": {" blue "}, "X-Ms-Meta-_size2": {""}}, map[string]string{"colour": "blue", "_size2": ""}, ""},
		{"no name", http.Header{"X-Ms-Meta-": {"a"}}, nil, "EmptyMetadataKey"},
		{"a dash", http.Header{"X-Ms-Meta-A-B": {"a"}}, nil, "InvalidMetadata"},
		{"a digit first", http.Header{"X-Ms-Meta-2": {"a"}}, nil, "InvalidMetadata"},
		{"a name twice", http.Header{"X-Ms-Meta-A": {"a", "b"}}, nil, "InvalidMetadata"},
		{"8 KiB", http.Header{"X-Ms-Meta-A": {strings.Repeat("x", 8<<10-1)}}, map[string]string{"a": strings.Repeat("x", 8<<10-1)}, ""},
		{"more", http.Header{"X-Ms-Meta-A": {strings.Repeat("x", 8<<10)}}, nil, "MetadataTooLarge"},
	} {
		got, refusal := wire.Metadata(c.headers)
		code := ""
		if refusal != nil {
			code = refusal.Code
		}
		if code != c.refusal || !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, %q; want %v, %q", c.name, got, code, c.want, c.refusal)
		}
	}
}

func TestIntWithin(t *testing.T) {
	for query, want := range map[string]struct {
		n       int64
		refusal string
	}{
		"":                       {7, ""},
		"n=1":                    {1, ""},
		"n=32":                   {32, ""},
		"n=0":                    {0, "OutOfRangeQueryParameterValue"},
		"n=33":                   {0, "OutOfRangeQueryParameterValue"},
		"n=99999999999999999999": {0, "OutOfRangeQueryParameterValue"},
		"n=":                     {0, "InvalidQueryParameterValue"},
		"n=1.5":                  {0, "InvalidQueryParameterValue"},
	} {
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		n, refusal := wire.IntWithin(values, "n", 7, 1, 32)
		code := ""
		if refusal != nil {
			code, n = refusal.Code, 0
		}
		if n != want.n || code != want.refusal {
			t.Errorf("%q: %d, %q; want %d, %q", query, n, code, want.n, want.refusal)
		}
	}
}

// Each number has an id of its own.
func TestID(t *testing.T) {
	for n, want := range map[uint64]string{
		1:       "00000000-0000-4000-8000-000000000001",
		1 << 48: "00000000-0001-4000-8000-000000000000",
	} {
		if got := wire.ID(n); got != want {
			t.Errorf("ID(%d) = %s, want %s", n, got, want)
		}
	}
}
