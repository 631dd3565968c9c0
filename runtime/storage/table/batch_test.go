package table_test

import (
	"strings"
	"testing"
)

// lines is a body of these lines, ended as MIME ends them.
func lines(all ...string) string { return strings.Join(all, "\r\n") + "\r\n" }

// batched is the body of a batch with a change set of these parts.
func batched(parts ...string) string {
	b := "--batch_1\r\nContent-Type: multipart/mixed; boundary=changeset_1\r\n\r\n"
	for _, part := range parts {
		b += "--changeset_1\r\nContent-Transfer-Encoding: binary\r\nContent-Type: application/http\r\n\r\n" + part + "\r\n"
	}
	return b + "--changeset_1--\r\n\r\n--batch_1--\r\n"
}

var mixed = map[string]string{"Content-Type": "multipart/mixed; boundary=batch_1"}

// The forms of the answers are those that aztables' own tests have recorded of the
// service, TestBatchMixed_storage and TestBatchError_storage in
// https://github.com/Azure/azure-sdk-for-go/tree/588b658281aa0ad228890df5819bba6ed0a45834/sdk/data/aztables/testdata/recordings
func TestFormsOfTransactions(t *testing.T) {
	const (
		base      = "https://demo.table.core.windows.net/"
		batch     = "batchresponse_6f0ea9b6-1f5f-4c4e-a3b4-2a4f0a9f8e11"
		changeset = "changesetresponse_0b7a6d7e-5c62-4f3d-9b0a-7d1c2e8b4a55"
		add       = "POST " + base + "orders HTTP/1.1\r\nPrefer: return-no-content\r\nContent-Length: 33\r\n\r\n" + `{"PartitionKey":"p","RowKey":"s"}`
		remove    = "DELETE " + base + "orders(PartitionKey='p',RowKey='r') HTTP/1.1\r\nIf-Match: *\r\n\r\n"
	)
	play(t, []exchange{
		{
			name: "a transaction that is made", method: "POST", target: "/$batch", header: mixed, body: batched(add, remove), status: 202,
			answers: map[string]string{"Content-Type": "multipart/mixed; boundary=" + batch},
			want: lines(
				"--"+batch, "Content-Type: multipart/mixed; boundary="+changeset, "",
				"--"+changeset, "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
				"HTTP/1.1 204 No Content", "X-Content-Type-Options: nosniff", "Cache-Control: no-cache", "DataServiceVersion: 3.0;",
				`ETag: W/"datetime'2024-02-03T04%3A05%3A06.0000008Z'"`,
				"Location: "+base+"orders(PartitionKey='p',RowKey='s')", "Preference-Applied: return-no-content",
				"DataServiceId: "+base+"orders(PartitionKey='p',RowKey='s')", "", "",
				"--"+changeset, "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
				"HTTP/1.1 204 No Content", "X-Content-Type-Options: nosniff", "Cache-Control: no-cache", "DataServiceVersion: 3.0;", "", "",
				"--"+changeset+"--", "--"+batch+"--"),
		},
		{
			name: "a transaction that is refused", method: "POST", target: "/$batch", header: mixed, body: batched(add), status: 202,
			want: lines(
				"--"+batch, "Content-Type: multipart/mixed; boundary="+changeset, "",
				"--"+changeset, "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
				"HTTP/1.1 409 Conflict", "X-Content-Type-Options: nosniff", "Cache-Control: no-cache", "DataServiceVersion: 3.0;",
				"Content-Type: application/json;odata=minimalmetadata;streaming=true;charset=utf-8", "",
				`{"odata.error":{"code":"EntityAlreadyExists","message":{"lang":"en-US","value":"0:The specified entity already exists."}}}`,
				"--"+changeset+"--", "--"+batch+"--"),
		},
		{
			name: "where the service is does not matter", method: "POST", target: "/$batch", header: mixed, status: 202,
			body: batched("MERGE /account/orders(PartitionKey='p',RowKey='s') HTTP/1.1\r\n\r\n" + `{"A":1}`),
		},
		{
			name: "it was merged", method: "GET", target: "/orders()?$select=RowKey,A", header: map[string]string{"Accept": "application/json;odata=nometadata"}, status: 200,
			want: `{"value":[{"RowKey":"s","A":1}]}`,
		},
	})
}

func TestBatchesThatAreNone(t *testing.T) {
	const get = "GET https://demo.table.core.windows.net/orders(PartitionKey='p',RowKey='r') HTTP/1.1\r\n\r\n"
	set := batched("DELETE /orders(PartitionKey='p',RowKey='r') HTTP/1.1\r\nIf-Match: *\r\n\r\n")
	whole := strings.TrimSuffix(set, "--batch_1--\r\n")
	play(t, []exchange{
		{name: "no multipart", method: "POST", target: "/$batch", body: "x", status: 400, code: "InvalidInput"},
		{name: "nothing", method: "POST", target: "/$batch", header: mixed, status: 400, code: "InvalidInput"},
		{name: "no changes", method: "POST", target: "/$batch", header: mixed, body: batched(), status: 400, code: "InvalidInput"},
		{name: "a part that is no request", method: "POST", target: "/$batch", header: mixed, body: batched("hello"), status: 400, code: "InvalidInput"},
		{name: "a part that breaks off", method: "POST", target: "/$batch", header: mixed, body: set[:len(set)-60], status: 400, code: "InvalidInput"},
		{name: "another verb", method: "PUT", target: "/$batch", header: mixed, body: set, status: 405, code: "MethodNotAllowed"},
		{name: "a second change set", method: "POST", target: "/$batch", header: mixed, body: whole + set, status: 501, code: "NotImplemented"},
		{
			name: "a query", method: "POST", target: "/$batch", header: mixed, status: 501, code: "NotImplemented",
			body: "--batch_1\r\nContent-Type: application/http\r\n\r\n" + get + "\r\n--batch_1--\r\n",
		},
		{name: "a query among changes", method: "POST", target: "/$batch", header: mixed, body: batched(get), status: 202},
		{name: "a table among changes", method: "POST", target: "/$batch", header: mixed, body: batched("POST /Tables HTTP/1.1\r\n\r\n" + `{"TableName":"made"}`), status: 202},
		{name: "the table was not made", method: "GET", target: "/Tables('made')", status: 404, code: "ResourceNotFound"},
		{name: "the entity is there", method: "GET", target: "/orders(PartitionKey='p',RowKey='r')", status: 200},
	})
}
