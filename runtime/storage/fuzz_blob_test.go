package storage_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/idemlint/idemlint/runtime/storage"
)

// FuzzBlob sends one request to an account that has a block blob with a snapshot and an
// uncommitted block, an append blob and a page blob, the first of them leased or not.
// Whatever it is, it is answered, and the account goes on.
func FuzzBlob(f *testing.F) {
	const (
		lease  = "x-ms-lease-id: " + leaseA
		source = "x-ms-copy-source: https://demo.blob.core.windows.net/orders/block"
		blocks = "<BlockList><Latest>MDAx</Latest><Committed>MDAx</Committed></BlockList>"
		tags   = "<Tags><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tags>"
		batch  = "--b\r\nContent-Type: application/http\r\nContent-ID: 0\r\n\r\nDELETE /orders/append HTTP/1.1\r\nContent-Length: 0\r\n\r\n\r\n--b--\r\n"
	)
	for _, s := range []struct{ method, path, query, headers, body string }{
		{"GET", "", "comp=list&prefix=or&maxresults=1&include=metadata&marker=a", "x-ms-client-request-id: 1", ""},
		{"POST", "", "comp=batch", "Content-Type: multipart/mixed; boundary=b", batch},
		{"POST", "orders", "restype=container&comp=batch", "Content-Type: multipart/mixed; boundary=b", batch},
		{"PUT", "letters", "restype=container&timeout=30", "x-ms-meta-a: b\nx-ms-blob-public-access: blob", ""},
		{"HEAD", "orders", "restype=container", lease, ""},
		{"DELETE", "orders", "restype=container", "If-Unmodified-Since: Thu, 01 Jan 2026 00:00:00 GMT", ""},
		{"PUT", "orders", "restype=container&comp=metadata", "x-ms-meta-2: b", ""},
		{"PUT", "orders", "restype=container&comp=acl", "", "<SignedIdentifiers><SignedIdentifier><Id>a</Id></SignedIdentifier></SignedIdentifiers>"},
		{"GET", "orders", "restype=container&comp=acl", "", ""},
		{"PUT", "orders", "restype=container&comp=lease", "x-ms-lease-action: acquire\nx-ms-lease-duration: 15", ""},
		{"GET", "orders", "restype=container&comp=list&delimiter=o&include=snapshots,uncommittedblobs,tags,copy", "", ""},
		{"PUT", "orders/new", "", "x-ms-blob-type: BlockBlob\nIf-None-Match: *\nx-ms-tags: a=b&c=d\nContent-MD5: XUFAKrxLKna5cZ2REBfFkg==", "hello"},
		{"PUT", "orders/block", "", "x-ms-blob-type: PageBlob\nx-ms-blob-content-length: 1024\n" + lease, ""},
		{"PUT", "orders/block", "", "x-ms-blob-type: BlockBlob\nx-ms-structured-body: XSM/1.0; properties=crc64\nx-ms-structured-content-length: 1", "\x01\x28\x00"},
		{"GET", "orders/block", "", "x-ms-range: bytes=1-3\nx-ms-range-get-content-md5: true\nIf-Match: \"0x8D000000000002\", *", ""},
		{"GET", "orders/page", "", "Range: bytes=500-\nx-ms-structured-body: XSM/1.0; properties=crc64", ""},
		{"HEAD", "orders/block", "snapshot=2026-01-01T00:00:00.0000000Z", "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT", ""},
		{"DELETE", "orders/block", "", "x-ms-delete-snapshots: include\n" + lease, ""},
		{"PUT", "orders/block", "comp=metadata", "x-ms-meta-a: b\n" + lease, ""},
		{"PUT", "orders/page", "comp=properties", "x-ms-blob-content-length: 512\nx-ms-sequence-number-action: max\nx-ms-blob-sequence-number: 9", ""},
		{"PUT", "orders/block", "comp=tier", "x-ms-access-tier: Archive", ""},
		{"PUT", "orders/block", "comp=tags", "x-ms-blob-if-match: *", tags},
		{"GET", "orders/block", "comp=tags", "", ""},
		{"PUT", "orders/block", "comp=lease", "x-ms-lease-action: break\nx-ms-lease-break-period: 10", ""},
		{"PUT", "orders/append", "comp=lease", "x-ms-lease-action: change\nx-ms-proposed-lease-id: {" + leaseB + "}\n" + lease, ""},
		{"PUT", "orders/block", "comp=snapshot", "x-ms-meta-a: b", ""},
		{"PUT", "orders/block", "comp=block&blockid=MDAy", source + "\nx-ms-source-range: bytes=0-1", ""},
		{"PUT", "orders/block", "comp=blocklist", lease, blocks},
		{"GET", "orders/block", "comp=blocklist&blocklisttype=all", "", ""},
		{"PUT", "orders/append", "comp=appendblock", "x-ms-blob-condition-appendpos: 5\nx-ms-blob-condition-maxsize: 6", "x"},
		{"PUT", "orders/append", "comp=seal", "", ""},
		{"PUT", "orders/page", "comp=page", "x-ms-page-write: clear\nRange: bytes=512-1023\nx-ms-if-sequence-number-le: 7", ""},
		{"GET", "orders/page", "comp=pagelist", "x-ms-range: bytes=0-600", ""},
		{"PUT", "orders/copy", "", source + "?snapshot=x\nx-ms-source-if-none-match: *\nx-ms-requires-sync: true", ""},
		{"PUT", "orders/copy", "", source + "\nx-ms-blob-type: BlockBlob\nx-ms-copy-source-tag-option: COPY", ""},
		{"PUT", "orders/copy", "comp=copy&copyid=" + leaseA, "x-ms-copy-action: abort", ""},
		{"PUT", "block", "comp=undelete&versionid=1", "x-ms-encryption-key: a", ""},
	} {
		f.Add(s.method, s.path, s.query, s.headers, s.body, false)
	}
	page := strings.Repeat("x", 512)
	f.Fuzz(func(t *testing.T, method, path, query, headers, body string, leased bool) {
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		account := storage.New("demo", storage.Clock(func() time.Time { return now }))
		for _, r := range []*http.Request{
			strange("blob", http.MethodPut, "orders", "restype=container", "", ""),
			strange("blob", http.MethodPut, "orders/block", "", "x-ms-blob-type: BlockBlob\nx-ms-meta-a: b", "hello"),
			strange("blob", http.MethodPut, "orders/block", "comp=snapshot", "", ""),
			strange("blob", http.MethodPut, "orders/block", "comp=block&blockid=MDAx", "", "there"),
			strange("blob", http.MethodPut, "orders/append", "", "x-ms-blob-type: AppendBlob", ""),
			strange("blob", http.MethodPut, "orders/append", "comp=appendblock", "", "hello"),
			strange("blob", http.MethodPut, "orders/page", "", "x-ms-blob-type: PageBlob\nx-ms-blob-content-length: 2048", ""),
			strange("blob", http.MethodPut, "orders/page", "comp=page", "x-ms-page-write: update\nRange: bytes=512-1023", page),
		} {
			if answer := checkAnswer(t, account, r, xmlCode); answer.Code != http.StatusCreated {
				t.Fatalf("%s %s: status %d: %s", r.Method, r.URL, answer.Code, answer.Body)
			}
		}
		if leased {
			checkAnswer(t, account, strange("blob", http.MethodPut, "orders/block", "comp=lease",
				"x-ms-lease-action: acquire\nx-ms-lease-duration: -1\nx-ms-proposed-lease-id: "+leaseA, ""), xmlCode)
		}
		before := account.Blobs.Snapshot()["orders"]["block"]

		answer := checkAnswer(t, account, strange("blob", method, path, query, headers, body), xmlCode)
		if answer.Header().Get("Content-Type") == "application/xml" && answer.Body.Len() > 0 && before.ContentType != "application/xml" {
			if err := wellFormed(answer.Body); err != nil {
				t.Fatalf("the answer is no XML: %v", err)
			}
		}
		after, exists := account.Blobs.Snapshot()["orders"]["block"]
		if changed := !exists || after.ETag != before.ETag; changed && answer.Code >= 400 {
			t.Fatalf("status %d, and the blob has changed", answer.Code)
		}
		if exists && after.ETag == before.ETag && string(after.Content) != string(before.Content) {
			t.Fatal("the blob has changed without a new ETag")
		}
		list := checkAnswer(t, account, strange("blob", http.MethodGet, "orders", "restype=container&comp=list&include=snapshots,metadata,tags,uncommittedblobs", "", ""), xmlCode)
		if err := wellFormed(list.Body); err != nil {
			t.Fatalf("the list is no XML: %v", err)
		}
	})
}
