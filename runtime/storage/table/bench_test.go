package table_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/idemlint/idemlint/runtime/storage/table"
)

// BenchmarkClient is an insert, a read and a conditional update through the official
// client: three operations, nearly all of whose time is the client's own.
func BenchmarkClient(b *testing.B) {
	_, c := orders(b)
	e := body(b, "p", "r", map[string]any{"Count": int32(1), "Name": "Ada", "Big": aztables.EDMInt64(1 << 40)})
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.AddEntity(ctx, e, nil); err != nil {
			b.Fatal(err)
		}
		got, err := c.GetEntity(ctx, "p", "r", nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.UpdateEntity(ctx, e, &aztables.UpdateEntityOptions{IfMatch: &got.ETag, UpdateMode: replace}); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if _, err := c.DeleteEntity(ctx, "p", "r", nil); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// BenchmarkService is the same three operations without the client.
func BenchmarkService(b *testing.B) {
	const (
		e    = `{"Big":"1099511627776","Big@odata.type":"Edm.Int64","Count":1,"Name":"Ada","PartitionKey":"p","RowKey":"r"}`
		path = "/orders(PartitionKey='p',RowKey='r')"
	)
	s := table.New(time.Now)
	send := func(method, path, body, match string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		if match != "" {
			r.Header.Set("If-Match", match)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 400 {
			b.Fatal(w.Code, w.Body)
		}
		return w
	}
	send(http.MethodPost, "/Tables", `{"TableName":"orders"}`, "")
	b.ReportAllocs()
	for b.Loop() {
		send(http.MethodPost, "/orders", e, "")
		got := send(http.MethodGet, path, "", "")
		send(http.MethodPut, path, e, got.Header().Get("ETag"))
		send(http.MethodDelete, path, "", "*")
	}
}

// BenchmarkFresh is a service of its own with one table, as each schedule has it.
func BenchmarkFresh(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		s := table.New(time.Now)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/Tables", strings.NewReader(`{"TableName":"orders"}`)))
		if w.Code != http.StatusCreated {
			b.Fatal(w.Code)
		}
	}
}
