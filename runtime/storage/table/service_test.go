package table_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/idemlint/idemlint/runtime/storage"
	"github.com/idemlint/idemlint/runtime/storage/table"
)

// orders is a new account with the table "orders", and its client.
func orders(t testing.TB) (*storage.Account, *aztables.Client) {
	t.Helper()
	account := storage.New("demo")
	clients, err := account.Dial(account, policy.RetryOptions{MaxRetries: -1})
	if err != nil {
		t.Fatal(err)
	}
	orders := clients.Tables.NewClient("orders")
	if _, err := orders.CreateTable(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return account, orders
}

// bubble runs test in virtual time with a table of its own.
func bubble(t *testing.T, test func(ctx context.Context, account *storage.Account, c *aztables.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		account, c := orders(t)
		test(t.Context(), account, c)
	})
}

// body is an entity as aztables takes it.
func body(t testing.TB, partition, row string, properties map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(aztables.EDMEntity{
		Entity:     aztables.Entity{PartitionKey: partition, RowKey: row},
		Properties: properties,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// refused fails the test unless err is the service's refusal with this status and code.
func refused(t testing.TB, err error, status int, code aztables.TableErrorCode) {
	t.Helper()
	var refusal *azcore.ResponseError
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v, want %d %s", err, status, code)
	}
	if refusal.StatusCode != status || refusal.ErrorCode != string(code) {
		t.Fatalf("got %d %s, want %d %s", refusal.StatusCode, refusal.ErrorCode, status, code)
	}
}

// must is the result of a call that has to succeed.
func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

const (
	merge   = aztables.UpdateModeMerge
	replace = aztables.UpdateModeReplace
)

// exchange is one request to a service, and what is expected of its answer.
type exchange struct {
	name    string
	method  string
	target  string
	header  map[string]string
	body    string
	status  int
	code    string            // of a refusal
	answers map[string]string // headers of the answer
	want    string            // the body of the answer
}

// play sends each request in turn to a fresh service with the table "orders", an entity
// "p", "r" in it, and a clock that stands still.
func play(t *testing.T, exchanges []exchange) {
	t.Helper()
	s := table.New(func() time.Time { return time.Date(2024, 2, 3, 4, 5, 6, 700, time.UTC) })
	exchanges = append([]exchange{
		{name: "table", method: "POST", target: "/Tables", body: `{"TableName":"orders"}`, status: 201},
		{name: "entity", method: "POST", target: "/orders", body: `{"PartitionKey":"p","RowKey":"r","Count":1}`, status: 201},
	}, exchanges...)
	for _, x := range exchanges {
		t.Run(x.name, func(t *testing.T) {
			r := httptest.NewRequest(x.method, x.target, strings.NewReader(x.body))
			r.Host = "demo.table.core.windows.net"
			for name, value := range x.header {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != x.status || w.Header().Get("X-Ms-Error-Code") != x.code {
				t.Fatalf("got %d %s, want %d %s: %s", w.Code, w.Header().Get("X-Ms-Error-Code"), x.status, x.code, w.Body)
			}
			for name, want := range x.answers {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: %s, want %s", name, got, want)
				}
			}
			if x.want != "" && w.Body.String() != x.want {
				t.Errorf("got  %s\nwant %s", w.Body, x.want)
			}
		})
	}
}

// The forms of answers are those that aztables' own tests have recorded of the service:
// https://github.com/Azure/azure-sdk-for-go/tree/588b658281aa0ad228890df5819bba6ed0a45834/sdk/data/aztables/testdata/recordings
func TestFormsOfAnswers(t *testing.T) {
	const (
		base = "https://demo.table.core.windows.net/"
		at   = base + "orders(PartitionKey='p',RowKey='o%27%27brien')"
		json = "application/json;odata=minimalmetadata;streaming=true;charset=utf-8"
	)
	play(t, []exchange{
		{
			name: "a table that is created", method: "POST", target: "/Tables", body: `{"TableName":"Events"}`, status: 201,
			answers: map[string]string{"Location": base + "Tables('Events')", "Content-Type": json},
			want:    `{"odata.metadata":"` + base + `$metadata#Tables/@Element","TableName":"Events"}`,
		},
		{
			name: "a table that is created without an echo", method: "POST", target: "/Tables", body: `{"TableName":"Quiet"}`,
			header: map[string]string{"Prefer": "return-no-content"}, status: 204,
			answers: map[string]string{"Location": base + "Tables('Quiet')", "DataServiceId": base + "Tables('Quiet')", "Preference-Applied": "return-no-content"},
		},
		{
			name: "tables", method: "GET", target: "/Tables?$top=2", status: 200,
			answers: map[string]string{"x-ms-continuation-NextTableName": "1!8!cXVpZXQ-"},
			want:    `{"odata.metadata":"` + base + `$metadata#Tables","value":[{"TableName":"Events"},{"TableName":"orders"}]}`,
		},
		{
			name: "one table", method: "GET", target: "/Tables('events')", status: 200,
			want: `{"odata.metadata":"` + base + `$metadata#Tables/@Element","TableName":"Events"}`,
		},
		{
			name: "an entity that is added", method: "POST", target: "/orders", body: `{"PartitionKey":"p","RowKey":"o'brien","Big@odata.type":"Edm.Int64","Big":"7","Half":0.5}`, status: 201,
			answers: map[string]string{"Location": at, "ETag": `W/"datetime'2024-02-03T04%3A05%3A06.0000008Z'"`, "Content-Type": json},
			want:    `{"odata.metadata":"` + base + `$metadata#orders/@Element","odata.etag":"W/\"datetime'2024-02-03T04%3A05%3A06.0000008Z'\"","PartitionKey":"p","RowKey":"o'brien","Timestamp":"2024-02-03T04:05:06.0000008Z","Big@odata.type":"Edm.Int64","Big":"7","Half":0.5}`,
		},
		{
			name: "an entity that is added without an echo", method: "POST", target: "/orders", body: `{"PartitionKey":"p","RowKey":"x"}`,
			header: map[string]string{"Prefer": "return-no-content"}, status: 204,
			answers: map[string]string{"Location": base + "orders(PartitionKey='p',RowKey='x')", "DataServiceId": base + "orders(PartitionKey='p',RowKey='x')", "Preference-Applied": "return-no-content"},
		},
		{
			name: "an entity in full", method: "GET", target: "/orders(PartitionKey='p',RowKey='o''brien')?$format=application/json%3Bodata%3Dfullmetadata", status: 200,
			want: `{"odata.metadata":"` + base + `$metadata#orders/@Element","odata.type":"demo.orders","odata.id":"` + at + `","odata.editLink":"` + at[len(base):] + `","odata.etag":"W/\"datetime'2024-02-03T04%3A05%3A06.0000008Z'\"","PartitionKey":"p","RowKey":"o'brien","Timestamp@odata.type":"Edm.DateTime","Timestamp":"2024-02-03T04:05:06.0000008Z","Big@odata.type":"Edm.Int64","Big":"7","Half":0.5}`,
		},
		{
			name: "a projection", method: "GET", target: "/orders(PartitionKey='p',RowKey='r')?$select=Count,None", status: 200,
			want: `{"odata.metadata":"` + base + `$metadata#orders/@Element&$select=Count,None","odata.etag":"W/\"datetime'2024-02-03T04%3A05%3A06.0000007Z'\"","Count":1,"None":null}`,
		},
		{
			name: "a page", method: "GET", target: "/orders()?$top=1&$select=RowKey", header: map[string]string{"Accept": "application/json;odata=nometadata"}, status: 200,
			answers: map[string]string{"x-ms-continuation-NextPartitionKey": "1!4!cA--", "x-ms-continuation-NextRowKey": "1!4!cg--"},
			want:    `{"value":[{"RowKey":"o'brien"}]}`,
		},
		{
			name: "the page behind it", method: "GET", target: "/orders()?$select=RowKey&NextPartitionKey=1!4!cA--&NextRowKey=1!4!cg--", header: map[string]string{"Accept": "application/json;odata=nometadata"}, status: 200,
			want: `{"value":[{"RowKey":"r"},{"RowKey":"x"}]}`,
		},
		{
			name: "a refusal", method: "GET", target: "/orders(PartitionKey='p',RowKey='none')", status: 404, code: "ResourceNotFound",
			answers: map[string]string{"Content-Type": json},
			want:    `{"odata.error":{"code":"ResourceNotFound","message":{"lang":"en-US","value":"The specified resource does not exist."}}}` + "\n",
		},
		{
			name: "a refusal of what is no OData", method: "GET", target: "/none?comp=acl", status: 404, code: "TableNotFound",
			answers: map[string]string{"Content-Type": "application/xml"},
			want:    `<?xml version="1.0" encoding="utf-8"?><m:error xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"><m:code>TableNotFound</m:code><m:message>The table specified does not exist.</m:message></m:error>`,
		},
	})
}

func TestVerbs(t *testing.T) {
	const at = "/orders(PartitionKey='p',RowKey='r')"
	tunnel := func(method string) map[string]string {
		return map[string]string{"X-HTTP-Method": method, "If-Match": "*"}
	}
	play(t, []exchange{
		{name: "MERGE is PATCH", method: "MERGE", target: at, header: map[string]string{"If-Match": "*"}, body: `{"A":1}`, status: 204},
		{name: "either order of the keys", method: "PATCH", target: "/orders(RowKey='r',%20PartitionKey='p')", body: `{"B":1}`, status: 204},
		{name: "a verb within POST", method: "POST", target: at, header: tunnel("MERGE"), body: `{"C":1}`, status: 204},
		{name: "all three have merged", method: "GET", target: at + "?$select=A,B,C", header: map[string]string{"Accept": "application/json;odata=nometadata"}, status: 200, want: `{"A":1,"B":1,"C":1}`},
		{name: "a verb within PUT", method: "PUT", target: at, header: tunnel("MERGE"), status: 400, code: "XMethodNotUsingPost"},
		{name: "no verb within POST", method: "POST", target: at, header: tunnel("GET"), status: 400, code: "XMethodIncorrectValue"},
		{name: "POST to an entity", method: "POST", target: at, body: `{}`, status: 405, code: "MethodNotAllowed"},
		{name: "PUT to a table", method: "PUT", target: "/orders", body: `{}`, status: 405, code: "MethodNotAllowed"},
		{name: "HEAD", method: "HEAD", target: at, status: 405, code: "MethodNotAllowed"},
		{name: "DELETE of all tables", method: "DELETE", target: "/Tables", status: 405, code: "MethodNotAllowed"},
		{name: "deleted within POST", method: "POST", target: at, header: tunnel("DELETE"), status: 204},
		{name: "it is gone", method: "GET", target: at, status: 404, code: "ResourceNotFound"},
	})
}

func TestWhatIsNotBuiltIsRefused(t *testing.T) {
	atom := map[string]string{"Accept": "application/atom+xml", "Content-Type": "application/atom+xml"}
	play(t, []exchange{
		{name: "Atom in an answer", method: "GET", target: "/orders()", header: atom, status: 415, code: "AtomFormatNotSupported"},
		{name: "Atom in a request", method: "PUT", target: "/orders(PartitionKey='p',RowKey='r')", header: atom, body: "<entry/>", status: 415, code: "AtomFormatNotSupported"},
		{name: "verbose JSON", method: "GET", target: "/orders()?$format=application/json%3Bodata%3Dverbose", status: 415, code: "JsonVerboseFormatNotSupported"},
		{name: "a filter that is nested too deep", method: "GET", target: "/orders()?$filter=" + strings.Repeat("(", 200) + "Count%20eq%201" + strings.Repeat(")", 200), status: 400, code: "InvalidInput"},
		{name: "a query that is none", method: "GET", target: "/orders()?$top=%zz", status: 400, code: "InvalidInput"},
		{name: "a key that is no text", method: "PUT", target: "/orders(PartitionKey='p',RowKey='%ff')", body: `{}`, status: 400, code: "InvalidInput"},
		{name: "a table without a name", method: "POST", target: "/Tables", body: `{}`, status: 400, code: "PropertiesNeedValue"},
		{name: "a table with more than a name", method: "POST", target: "/Tables", body: `{"TableName":"more","Other":1}`, status: 400, code: "InvalidInput"},
		{name: "a key that is a number", method: "POST", target: "/orders", body: `{"PartitionKey":"p","RowKey":1}`, status: 400, code: "InvalidInput"},
		{name: "a thousand annotations", method: "PUT", target: "/orders(PartitionKey='p',RowKey='r')", body: "{" + strings.Repeat(`"A@odata.type":"Edm.String",`, 1100) + `"A":""}`, status: 400, code: "TooManyProperties"},
		{name: "a query option of OData", method: "GET", target: "/orders()?$orderby=Count", status: 501, code: "NotImplemented"},
		{name: "a query option for one entity", method: "GET", target: "/orders(PartitionKey='p',RowKey='r')?$expand=A", status: 501, code: "NotImplemented"},
		{name: "statistics", method: "GET", target: "/?restype=service&comp=stats", status: 501, code: "NotImplemented"},
		{name: "metadata", method: "GET", target: "/$metadata", status: 501, code: "NotImplemented"},
		{name: "another component", method: "GET", target: "/orders?comp=none", status: 501, code: "NotImplemented"},
		{name: "a path of two", method: "GET", target: "/orders/more", status: 400, code: "InvalidInput"},
		{name: "a key without a row", method: "GET", target: "/orders(PartitionKey='p')", status: 400, code: "InvalidInput"},
		{name: "a key twice", method: "GET", target: "/orders(PartitionKey='p',PartitionKey='p')", status: 400, code: "InvalidInput"},
		{name: "an open literal", method: "GET", target: "/orders(PartitionKey='p',RowKey='r)", status: 400, code: "InvalidInput"},
		{name: "a token that is none", method: "GET", target: "/orders()?NextPartitionKey=p&NextRowKey=r", status: 400, code: "InvalidInput"},
		{name: "keys that are not those of the address", method: "PUT", target: "/orders(PartitionKey='p',RowKey='r')", body: `{"PartitionKey":"q"}`, status: 400, code: "InvalidInput"},
		{name: "a property twice", method: "PUT", target: "/orders(PartitionKey='p',RowKey='r')", body: `{"A":1,"A":2}`, status: 400, code: "DuplicatePropertiesSpecified"},
		{name: "no JSON", method: "PUT", target: "/orders(PartitionKey='p',RowKey='r')", body: `{"A":}`, status: 400, code: "InvalidInput"},
		{name: "an array", method: "PUT", target: "/orders(PartitionKey='p',RowKey='r')", body: `[]`, status: 400, code: "InvalidInput"},
		{name: "nothing", method: "PUT", target: "/orders(PartitionKey='p',RowKey='r')", status: 400, code: "InvalidInput"},
		{name: "a condition on an insert", method: "POST", target: "/orders", header: map[string]string{"If-Match": "*"}, body: `{"PartitionKey":"p","RowKey":"s"}`, status: 400, code: "InvalidInput"},
		{name: "too much", method: "POST", target: "/orders", body: strings.Repeat(" ", 4<<20+1), status: 413, code: "RequestBodyTooLarge"},
		{name: "nothing of it was done", method: "GET", target: "/orders()?$select=RowKey,Count", header: map[string]string{"Accept": "application/json;odata=nometadata"}, status: 200, want: `{"value":[{"RowKey":"r","Count":1}]}`},
	})
}
