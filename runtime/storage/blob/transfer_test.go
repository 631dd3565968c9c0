package blob_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/appendblob"
	azblob "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// A blob that the client uploads as a stream, in blocks and by several goroutines,
// arrives whole, and a retry by another client at the same time does not mix with it.
func TestUploadStreams(t *testing.T) {
	w := newWorld(t)
	var uploads sync.WaitGroup
	contents := [][]byte{bytes.Repeat([]byte("0123456789"), 300_000), bytes.Repeat([]byte("abcdefghijk"), 300_000)}
	for i, content := range contents {
		for _, name := range []string{"both", fmt.Sprint("own", i)} {
			uploads.Go(func() {
				_, err := w.orders.NewBlockBlobClient(name).UploadStream(w.ctx, bytes.NewReader(content),
					&blockblob.UploadStreamOptions{BlockSize: 1 << 20, Concurrency: 4})
				// The other's commit has dropped the blocks of this one, as it does in the service.
				if name == "both" && bloberror.HasCode(err, bloberror.InvalidBlockList) {
					return
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	uploads.Wait()
	for i, content := range contents {
		if got := w.blob(fmt.Sprint("own", i)); !bytes.Equal(got.Content, content) {
			t.Errorf("own%d has %d bytes, want %d", i, len(got.Content), len(content))
		}
	}
	if got := w.blob("both").Content; !bytes.Equal(got, contents[0]) && !bytes.Equal(got, contents[1]) {
		t.Errorf("both has %d bytes of neither", len(got))
	}
}

// Files go up and come down as they are, the empty one too.
func TestFiles(t *testing.T) {
	w := newWorld(t)
	for _, size := range []int{0, 1, 5 << 20} {
		content := bytes.Repeat([]byte{'x'}, size)
		path := filepath.Join(t.TempDir(), "up")
		w.must(os.WriteFile(path, content, 0o600))
		up, err := os.Open(path)
		w.must(err)
		defer up.Close()
		_, err = w.orders.NewBlockBlobClient("a").UploadFile(w.ctx, up, nil)
		w.must(err)
		down, err := os.Create(filepath.Join(t.TempDir(), "down"))
		w.must(err)
		defer down.Close()
		n, err := w.orders.NewBlockBlobClient("a").DownloadFile(w.ctx, down, &azblob.DownloadFileOptions{BlockSize: 1 << 20, Concurrency: 3})
		w.must(err)
		got, err := os.ReadFile(down.Name())
		w.must(err)
		if n != int64(size) || !bytes.Equal(got, content) {
			t.Errorf("%d bytes came down, want %d", n, size)
		}
	}
}

// Bodies in segments with checksums are understood, made, and verified.
func TestStructuredBodies(t *testing.T) {
	w := newWorld(t)
	checked := azblob.TransferValidationTypeComputeStructuredMessageCRC64(3)
	for _, content := range []string{"", "hello", "sixsix"} {
		_, err := w.orders.NewBlockBlobClient("a").Upload(w.ctx, reader(content), &blockblob.UploadOptions{TransactionalValidation: checked})
		w.must(err)
		w.wantContent("a", content)
		if content == "" {
			continue
		}
		r, err := w.orders.NewBlockBlobClient("a").DownloadStream(w.ctx, &azblob.DownloadStreamOptions{TransactionalValidation: checked})
		w.must(err)
		var got bytes.Buffer
		_, err = got.ReadFrom(r.Body)
		w.must(err)
		if got.String() != content {
			t.Errorf("got %q, want %q", got.String(), content)
		}
	}
	const form = "x-ms-structured-body: XSM/1.0; properties=crc64"
	w.wantAnswer("400 InvalidInput", w.send("PUT", "orders/b", "short", "x-ms-blob-type: BlockBlob", form, "x-ms-structured-content-length: 5"))
	sent := w.send("GET", "orders/a", "", form).Body.String()
	w.wantAnswer("201", w.send("PUT", "orders/b", sent, "x-ms-blob-type: BlockBlob", form, "x-ms-structured-content-length: 6"))
	w.wantContent("b", "sixsix")
	for _, broken := range []string{strings.Replace(sent, "sixsix", "sexsix", 1), sent[:len(sent)-1] + "?"} {
		w.wantAnswer("400 Crc64Mismatch", w.send("PUT", "orders/b", broken, "x-ms-blob-type: BlockBlob", form, "x-ms-structured-content-length: 6"))
	}
	w.wantAnswer("400 InvalidHeaderValue", w.send("PUT", "orders/b", sent, "x-ms-blob-type: BlockBlob", form, "x-ms-structured-content-length: 7"))
}

// Blobs can be made from others of the account, whole, in parts and with what belongs to
// them.
func TestFromURL(t *testing.T) {
	w := newWorld(t)
	_, err := w.orders.NewBlockBlobClient("a").Upload(w.ctx, reader("hello there"), &blockblob.UploadOptions{
		Metadata: map[string]*string{"k": to.Ptr("v")}, Tags: map[string]string{"t": "1"},
		HTTPHeaders: &azblob.HTTPHeaders{BlobContentType: to.Ptr("text/plain")}})
	w.must(err)
	source := w.orders.NewBlobClient("a").URL()

	b := w.orders.NewBlockBlobClient("b")
	w.must(failure(b.UploadBlobFromURL(w.ctx, source, &blockblob.UploadBlobFromURLOptions{
		CopySourceTags: to.Ptr(blockblob.BlobCopySourceTagsCopy), HTTPHeaders: &azblob.HTTPHeaders{BlobCacheControl: to.Ptr("no-cache")}})))
	w.wantContent("b", "hello there")
	if got := w.blob("b"); got.ContentType != "text/plain" || got.Tags["t"] != "1" {
		t.Errorf("b is %+v", got)
	}
	sum := md5.Sum([]byte("there"))
	w.must(failure(b.StageBlockFromURL(w.ctx, "MDAx", source, &blockblob.StageBlockFromURLOptions{
		Range: azblob.HTTPRange{Offset: 6, Count: 5}, SourceContentValidation: azblob.SourceContentValidationTypeMD5(sum[:])})))
	w.want("400 Md5Mismatch", failure(b.StageBlockFromURL(w.ctx, "MDAy", source, &blockblob.StageBlockFromURLOptions{
		SourceContentValidation: azblob.SourceContentValidationTypeMD5(sum[:])})))
	w.must(failure(b.CommitBlockList(w.ctx, []string{"MDAx", "MDAx"}, nil)))
	w.wantContent("b", "therethere")

	c := w.orders.NewAppendBlobClient("c")
	w.must(failure(c.Create(w.ctx, nil)))
	w.must(failure(c.AppendBlockFromURL(w.ctx, source, &appendblob.AppendBlockFromURLOptions{Range: azblob.HTTPRange{Count: 5}})))
	w.wantContent("c", "hello")

	d, err := w.orders.NewBlobClient("d").CopyFromURL(w.ctx, source, nil)
	w.must(err)
	w.wantContent("d", "hello there")
	if got := w.blob("d"); *d.CopyStatus != "success" || got.Metadata["k"] != "v" || len(got.Tags) != 0 {
		t.Errorf("d is %+v, copied with %s", got, *d.CopyStatus)
	}
	w.want("409 InvalidSourceBlobType", failure(w.orders.NewBlobClient("d").CopyFromURL(w.ctx, c.URL(), nil)))
}

// A copy and its source go their own ways.
func TestCopyIsApart(t *testing.T) {
	w := newWorld(t)
	a, b := w.orders.NewAppendBlobClient("a"), w.orders.NewAppendBlobClient("b")
	w.must(failure(a.Create(w.ctx, nil)))
	w.must(failure(a.AppendBlock(w.ctx, reader("one "), nil)))
	w.must(failure(b.StartCopyFromURL(w.ctx, a.URL(), nil)))
	w.must(failure(a.AppendBlock(w.ctx, reader("two"), nil)))
	w.must(failure(b.AppendBlock(w.ctx, reader("six"), nil)))
	w.wantContent("a", "one two")
	w.wantContent("b", "one six")
}

// A batch of the service reaches every container; what fails in it fails alone.
func TestBatch(t *testing.T) {
	w := newWorld(t)
	w.put("a", "hello")
	w.put("b", "hello")
	deletes, err := w.clients.Blobs.NewBatchBuilder()
	w.must(err)
	w.must(deletes.Delete("orders", "a", nil))
	w.must(deletes.Delete("nothing", "a", nil))
	r, err := w.clients.Blobs.SubmitBatch(w.ctx, deletes, nil)
	w.must(err)
	w.want("ok", r.Responses[0].Error)
	w.want("404 ContainerNotFound", r.Responses[1].Error)

	tiers, err := w.orders.NewBatchBuilder()
	w.must(err)
	w.must(tiers.SetTier("b", azblob.AccessTierCool, nil))
	_, err = w.orders.SubmitBatch(w.ctx, tiers, nil)
	w.must(err)
	if got := w.blob("b").Tier; got != "Cool" {
		t.Errorf("the tier is %q, want Cool", got)
	}
	for name, part := range map[string]string{
		"another operation": "PUT /orders/b?comp=metadata HTTP/1.1",
		"another container": "DELETE /others/b HTTP/1.1",
	} {
		body := "--x\r\nContent-Type: application/http\r\n\r\n" + part + "\r\n\r\n--x--\r\n"
		answer := w.send("POST", "orders?restype=container&comp=batch", body, "Content-Type: multipart/mixed; boundary=x")
		if want := "HTTP/1.1 400 Bad Request"; answer.Code != 202 || !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%s: %d %s, want a part with %s", name, answer.Code, answer.Body, want)
		}
	}
	w.wantAnswer("400 InvalidInput", w.send("POST", "?comp=batch", "--x--\r\n", "Content-Type: multipart/mixed; boundary=x"))
	w.wantAnswer("400 InvalidHeaderValue", w.send("POST", "?comp=batch", "", "Content-Type: text/plain"))
}

// A list can begin and end at names, and goes on where the last answer ended, folders and
// all.
func TestList(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b/1", "b/2", "c", "d/1", "e"} {
		w.put(name, "hello")
	}
	var seen []string
	for pager := w.orders.NewListBlobsHierarchyPager("/", &container.ListBlobsHierarchyOptions{MaxResults: to.Ptr[int32](2)}); pager.More(); {
		page, err := pager.NextPage(w.ctx)
		w.must(err)
		for _, f := range page.Segment.BlobPrefixes {
			seen = append(seen, *f.Name)
		}
		for _, b := range page.Segment.BlobItems {
			seen = append(seen, *b.Name)
		}
		seen = append(seen, "|")
	}
	if got, want := strings.Join(seen, " "), "b/ a | d/ c | e |"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	page, err := w.orders.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{StartFrom: to.Ptr("b/2")}).NextPage(w.ctx)
	w.must(err)
	if got := len(page.Segment.BlobItems); got != 4 {
		t.Errorf("%d blobs from b/2 on, want 4", got)
	}
}

// Pages that touch are one range, in whatever order they are written; what is cleared in
// the middle divides it.
func TestPageRanges(t *testing.T) {
	w := newWorld(t)
	a := w.orders.NewPageBlobClient("a")
	w.must(failure(a.Create(w.ctx, 5*512, nil)))
	page := func(n int64) azblob.HTTPRange { return azblob.HTTPRange{Offset: 512 * n, Count: 512} }
	want := func(ranges string) {
		t.Helper()
		got, err := a.NewGetPageRangesPager(nil).NextPage(w.ctx)
		w.must(err)
		var text []string
		for _, r := range got.PageRange {
			text = append(text, fmt.Sprintf("%d-%d", *r.Start/512, *r.End/512))
		}
		if strings.Join(text, " ") != ranges {
			t.Errorf("got %v, want %s", text, ranges)
		}
	}
	for _, n := range []int64{4, 0, 3, 1} {
		w.must(failure(a.UploadPages(w.ctx, reader(strings.Repeat(fmt.Sprint(n), 512)), page(n), nil)))
	}
	want("0-1 3-4")
	w.must(failure(a.UploadPages(w.ctx, reader(strings.Repeat("2", 512)), page(2), nil)))
	want("0-4")
	w.must(failure(a.ClearPages(w.ctx, page(1), nil)))
	want("0-0 2-4")
	content := string(w.blob("a").Content)
	for n, digit := range "0\x00234" {
		if got := strings.Count(content[512*n:512*n+512], string(digit)); got != 512 {
			t.Errorf("page %d has %d times %q", n, got, digit)
		}
	}
}
