package blob_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/idemlint/idemlint/runtime/storage"
	"github.com/idemlint/idemlint/runtime/storage/blob"
)

// What the service shares with the real one as far as calls can tell is tested in
// storage/conformance_blob_test.go. Here stands the rest: what takes time, what is
// counted, and what is refused.

// world is an account with the container "orders" and its official client.
type world struct {
	t       testing.TB
	ctx     context.Context
	account *storage.Account
	clients storage.Clients
	orders  *container.Client
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), account: storage.New("demo")}
	var err error
	w.clients, err = w.account.Dial(w.account, policy.RetryOptions{MaxRetries: -1})
	w.must(err)
	w.orders = w.clients.Blobs.NewContainerClient("orders")
	_, err = w.orders.Create(w.ctx, nil)
	w.must(err)
	return w
}

// inBubble plays f in virtual time, in which waiting costs nothing.
func inBubble(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(newWorld(t)) })
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// want verifies what err is: "ok", or a status and an error code.
func (w *world) want(outcome string, err error) {
	w.t.Helper()
	got := "ok"
	var failed *azcore.ResponseError
	if errors.As(err, &failed) {
		got = fmt.Sprintf("%d %s", failed.StatusCode, failed.ErrorCode)
	} else if err != nil {
		w.t.Fatal(err)
	}
	if got != outcome {
		w.t.Errorf("got %s, want %s", got, outcome)
	}
}

func (w *world) put(name, content string) {
	w.t.Helper()
	_, err := w.orders.NewBlockBlobClient(name).Upload(w.ctx, reader(content), nil)
	w.must(err)
}

func (w *world) stage(name, id string) {
	w.t.Helper()
	_, err := w.orders.NewBlockBlobClient(name).StageBlock(w.ctx, base64.StdEncoding.EncodeToString([]byte(id)), reader(id), nil)
	w.must(err)
}

// blob is what the snapshot of the account says of a blob in "orders".
func (w *world) blob(name string) blob.Blob { return w.account.Blobs.Snapshot()["orders"][name] }

func (w *world) wantContent(name, want string) {
	w.t.Helper()
	r, err := w.orders.NewBlockBlobClient(name).DownloadStream(w.ctx, nil)
	w.must(err)
	got, err := io.ReadAll(r.Body)
	w.must(err)
	if string(got) != want {
		w.t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

// send sends a request that the official client would not, headers as "name: value".
func (w *world) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, w.account.BlobURL(path), strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	w.account.ServeHTTP(answer, r)
	return answer
}

// wantAnswer verifies the status of an answer and its error code, if there is one.
func (w *world) wantAnswer(want string, answer *httptest.ResponseRecorder) {
	w.t.Helper()
	if got := strings.TrimSpace(fmt.Sprint(answer.Code, " ", answer.Header().Get("X-Ms-Error-Code"))); got != want {
		w.t.Errorf("got %s, want %s: %s", got, want, answer.Body)
	}
}

func reader(content string) io.ReadSeekCloser { return streaming.NopCloser(strings.NewReader(content)) }

// failure drops the result of a call.
func failure[R any](_ R, err error) error { return err }

// What the service cannot do it says, and does nothing.
func TestRefusals(t *testing.T) {
	w := newWorld(t)
	w.put("a", "hello")
	for _, c := range []struct {
		name, method, path string
		headers            []string
		want               string
	}{
		{"an unknown header", "PUT", "orders/a", []string{"x-ms-blob-type: BlockBlob", "x-ms-colour: blue"}, "400 UnsupportedHeader"},
		{"an unknown parameter", "PUT", "orders/a?colour=blue", []string{"x-ms-blob-type: BlockBlob"}, "400 UnsupportedQueryParameter"},
		{"a header of another operation", "PUT", "orders/a?comp=metadata", []string{"x-ms-page-write: clear"}, "400 UnsupportedHeader"},
		{"a parameter of another operation", "PUT", "orders/a?comp=snapshot&snapshot=2026-01-01T00:00:00.0000000Z", nil, "400 UnsupportedQueryParameter"},
		{"a condition where none is taken", "PUT", "orders/a?comp=block&blockid=MDAx", []string{"If-Match: *"}, "400 ConditionHeadersNotSupported"},
		{"conditions on tags", "GET", "orders/a", []string{`x-ms-if-tags: "a" = 'b'`}, "501 NotImplemented"},
		{"keys of the client's own", "PUT", "orders/a", []string{"x-ms-blob-type: BlockBlob", "x-ms-encryption-key: a"}, "501 NotImplemented"},
		{"immutable blobs", "PUT", "orders/a", []string{"x-ms-blob-type: BlockBlob", "x-ms-legal-hold: true"}, "501 NotImplemented"},
		{"versions", "GET", "orders/a?versionid=1", nil, "501 NotImplemented"},
		{"undelete", "PUT", "orders/a?comp=undelete", nil, "501 NotImplemented"},
		{"queries", "POST", "orders/a?comp=query", nil, "501 NotImplemented"},
		{"find by tags", "GET", "?comp=blobs", nil, "501 NotImplemented"},
		{"properties of the service", "GET", "?restype=service&comp=properties", nil, "501 NotImplemented"},
		{"sources elsewhere", "PUT", "orders/b", []string{"x-ms-copy-source: https://example.com/orders/a"}, "501 NotImplemented"},
		{"large page blobs", "PUT", "orders/b", []string{"x-ms-blob-type: PageBlob", "x-ms-blob-content-length: 8796093022208"}, "501 NotImplemented"},
		{"methods of others", "BREW", "orders/a", nil, "405 UnsupportedHttpVerb"},

		{"conditions on no source", "PUT", "orders/a", []string{"x-ms-blob-type: BlockBlob", "x-ms-source-if-match: *"}, "400 InvalidHeaderValue"},
		{"a range of a whole source", "PUT", "orders/a", []string{"x-ms-blob-type: BlockBlob", "x-ms-copy-source: https://demo.blob.core.windows.net/orders/a", "x-ms-source-range: bytes=0-1"}, "400 UnsupportedHeader"},
		{"a duration of a break", "PUT", "orders/a?comp=lease", []string{"x-ms-lease-action: break", "x-ms-lease-duration: 15"}, "400 InvalidHeaderValue"},
		{"a structured body that is not there", "PUT", "orders/a", []string{"x-ms-blob-type: BlockBlob", "x-ms-structured-body: XSM/1.0; properties=crc64", "x-ms-structured-content-length: 0"}, "400 InvalidInput"},

		{"no type of blob", "PUT", "orders/b", nil, "400 MissingRequiredHeader"},
		{"a strange type of blob", "PUT", "orders/b", []string{"x-ms-blob-type: RoundBlob"}, "400 InvalidHeaderValue"},
		{"a time that is none", "GET", "orders/a", []string{"If-Modified-Since: today"}, "400 InvalidHeaderValue"},
		{"a range that is none", "GET", "orders/a", []string{"x-ms-range: bytes=3-1"}, "400 InvalidHeaderValue"},
		{"the end of a blob", "GET", "orders/a", []string{"x-ms-range: bytes=-3"}, "400 InvalidHeaderValue"},
		{"a hash of the whole", "GET", "orders/a", []string{"x-ms-range-get-content-md5: true"}, "400 InvalidHeaderValue"},
		{"two hashes of a range", "GET", "orders/a", []string{"x-ms-range: bytes=0-1", "x-ms-range-get-content-md5: true", "x-ms-range-get-content-crc64: true"}, "400 InvalidHeaderValue"},
		{"a snapshot that is none", "GET", "orders/a?snapshot=today", nil, "400 InvalidQueryParameterValue"},
		{"a list without end", "GET", "orders?restype=container&comp=list&maxresults=0", nil, "400 OutOfRangeQueryParameterValue"},
		{"a list of what is not known", "GET", "orders?restype=container&comp=list&include=colours", nil, "400 InvalidQueryParameterValue"},
		{"a lease without duration", "PUT", "orders/a?comp=lease", []string{"x-ms-lease-action: acquire"}, "400 MissingRequiredHeader"},
		{"no lease action", "PUT", "orders/a?comp=lease", nil, "400 MissingRequiredHeader"},
		{"metadata without a name", "PUT", "orders/a?comp=metadata", []string{"x-ms-meta-: a"}, "400 EmptyMetadataKey"},
		{"too much metadata", "PUT", "orders/a?comp=metadata", []string{"x-ms-meta-a: " + strings.Repeat("x", 8<<10)}, "400 MetadataTooLarge"},
		{"tags twice", "PUT", "orders/b", []string{"x-ms-blob-type: BlockBlob", "x-ms-tags: a=1&a=2"}, "400 DuplicateTagNames"},
		{"two hashes", "PUT", "orders/b", []string{"x-ms-blob-type: BlockBlob", "Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==", "x-ms-content-crc64: AAAAAAAAAAA="}, "400 InvalidHeaderValue"},
		{"a name that is too long", "PUT", "orders/" + strings.Repeat("b", 1025), []string{"x-ms-blob-type: BlockBlob"}, "400 InvalidResourceName"},
		{"a blob outside of containers", "GET", "a", nil, "404 ContainerNotFound"},
		{"an abort of no copy", "PUT", "orders/a?comp=copy&copyid=1", []string{"x-ms-copy-action: abort"}, "400 InvalidQueryParameterValue"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := *w
			w.t = t
			before := w.blob("a")
			w.wantAnswer(c.want, w.send(c.method, c.path, "", c.headers...))
			if after := w.account.Blobs.Snapshot(); len(after) != 1 || len(after["orders"]) != 1 || after["orders"]["a"].ETag != before.ETag {
				t.Errorf("something has changed: %v", after)
			}
		})
	}
}

// Every answer says which request it answers, when, and of which version the service is.
func TestCommonHeaders(t *testing.T) {
	w := newWorld(t)
	for _, answer := range []*httptest.ResponseRecorder{
		w.send(http.MethodPut, "orders/a", "x", "x-ms-blob-type: BlockBlob", "x-ms-client-request-id: mine"),
		w.send(http.MethodGet, "orders/b", "", "x-ms-client-request-id: mine"),
	} {
		for _, name := range []string{"Date", "X-Ms-Request-Id", "X-Ms-Version"} {
			if answer.Header().Get(name) == "" {
				t.Errorf("%d has no %s", answer.Code, name)
			}
		}
		if got := answer.Header().Get("X-Ms-Client-Request-Id"); got != "mine" {
			t.Errorf("%d is for the request %q, want mine", answer.Code, got)
		}
	}
}

// The same calls give the same answers, ETags and ids too, so that a schedule can be
// played again.
func TestDeterminism(t *testing.T) {
	play := func() (seen []string) {
		w := newWorld(t)
		for _, answer := range []*httptest.ResponseRecorder{
			w.send(http.MethodPut, "orders/a", "x", "x-ms-blob-type: BlockBlob"),
			w.send(http.MethodPut, "orders/a?comp=lease", "", "x-ms-lease-action: acquire", "x-ms-lease-duration: -1"),
			w.send(http.MethodPut, "orders/b", "", "x-ms-copy-source: "+w.account.BlobURL("orders/a")),
		} {
			answer.Header().Del("Date")
			answer.Header().Del("Last-Modified")
			seen = append(seen, fmt.Sprint(answer.Header()))
		}
		return seen
	}
	first, second := play(), play()
	for i := range first {
		if first[i] != second[i] {
			t.Errorf("first  %s\nsecond %s", first[i], second[i])
		}
	}
}

// A snapshot of the account is a copy: what happens later does not show in it, and what
// is done to it does not reach the service.
func TestSnapshotOfAccount(t *testing.T) {
	w := newWorld(t)
	a := w.orders.NewAppendBlobClient("a")
	_, err := a.Create(w.ctx, nil)
	w.must(err)
	_, err = a.AppendBlock(w.ctx, reader("one"), nil)
	w.must(err)
	w.stage("uncommitted", "001")

	before := w.account.Blobs.Snapshot()["orders"]
	if _, found := before["uncommitted"]; found || len(before) != 1 {
		t.Errorf("uncommitted blocks are part of the snapshot: %v", before)
	}
	_, err = a.AppendBlock(w.ctx, reader("two"), nil)
	w.must(err)
	if got := before["a"]; string(got.Content) != "one" || got.Type != "AppendBlob" || got.ContentType != "application/octet-stream" {
		t.Errorf("the snapshot is %+v, with %q", got, got.Content)
	}
	copy(before["a"].Content, "xxx")
	w.wantContent("a", "onetwo")
}

// blockblob.Client sends names as they are, whatever they are.
func TestNames(t *testing.T) {
	w := newWorld(t)
	names := []string{"a", "a/b", "a//b", "ä ö?&=%", "a\x01b", "a\xffb", "<&>\"'", strings.Repeat("x", 1024)}
	for _, name := range names {
		w.put(name, name)
		w.wantContent(name, name)
	}
	list := w.send(http.MethodGet, "orders?restype=container&comp=list", "").Body.String()
	for _, want := range []string{`<Name Encoded="true">a%01b</Name>`, `<Name Encoded="true">a%FFb</Name>`, "<Name>a//b</Name>"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list does not have %s: %s", want, list)
		}
	}
	if got := len(w.account.Blobs.Snapshot()["orders"]); got != len(names) {
		t.Errorf("%d blobs, want %d", got, len(names))
	}
}

func BenchmarkUploadDownload(b *testing.B) {
	w := newWorld(b)
	client := w.orders.NewBlockBlobClient("a")
	content, got := make([]byte, 200), make([]byte, 200)
	b.ReportAllocs()
	for b.Loop() {
		_, err := client.UploadBuffer(w.ctx, content, &blockblob.UploadBufferOptions{})
		w.must(err)
		n, err := client.DownloadBuffer(w.ctx, got, nil)
		w.must(err)
		if n != int64(len(content)) {
			b.Fatalf("%d bytes, want %d", n, len(content))
		}
	}
}

// BenchmarkNew is the cost of an empty service, of which a replayed schedule needs one.
func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newWorld(b)
	}
}
