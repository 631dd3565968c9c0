package storage_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/appendblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/pageblob"
)

// blobTypeScenarios are about what is peculiar to block, append and page blobs.
var blobTypeScenarios = []blobScenario{
	{"commit blocks", `404 BlobNotFound, [] [001:2 002:3], ok, "bbbaa", [002:3 001:2] [], ok, "aa", 400 InvalidBlockList`, func(p *blobPlayer) {
		p.stage("a", "001", "aa")
		p.stage("a", "002", "xx")
		p.stage("a", "002", "bbb")
		p.content("a")
		p.blocks("a")
		p.commit("a", "002", "001")
		p.content("a")
		p.blocks("a")
		p.commit("a", "001")
		p.content("a")
		p.commit("a", "002")
	}},
	{"an uncommitted block over a committed one", `"old", ok, "new"`, func(p *blobPlayer) {
		p.stage("a", "001", "old")
		p.must(failure(p.blob("a").CommitBlockList(p.ctx, []string{blockID("001")}, nil)))
		p.stage("a", "001", "new")
		p.content("a")
		p.commit("a", "001")
		p.content("a")
	}},
	{"put drops uncommitted blocks", `[] [], 400 InvalidBlockList, "hello"`, func(p *blobPlayer) {
		p.stage("a", "001", "aa")
		p.put("a", "hello")
		p.blocks("a")
		p.commit("a", "001")
		p.content("a")
	}},
	{"delete uncommitted blocks", "ok", func(p *blobPlayer) {
		p.stage("a", "001", "aa")
		p.note(failure(p.blob("a").Delete(p.ctx, nil)))
	}},
	{"block ids", "400 InvalidQueryParameterValue, ok, 400 InvalidBlobOrBlock", func(p *blobPlayer) {
		for _, id := range []string{"###", blockID("001"), blockID("0001")} {
			p.note(failure(p.blob("a").StageBlock(p.ctx, id, upload("x"), nil)))
		}
	}},
	{"an empty block", "400 InvalidHeaderValue", func(p *blobPlayer) {
		p.note(failure(p.blob("a").StageBlock(p.ctx, blockID("001"), upload(""), nil)))
	}},
	{"a commit replaces properties and metadata", "map[] application/octet-stream", func(p *blobPlayer) {
		p.must(failure(p.blob("a").Upload(p.ctx, upload("x"), &blockblob.UploadOptions{Metadata: map[string]*string{"a": to.Ptr("1")},
			HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("text/plain")}})))
		p.stage("a", "001", "y")
		p.must(failure(p.blob("a").CommitBlockList(p.ctx, []string{blockID("001")}, nil)))
		r, err := p.blob("a").GetProperties(p.ctx, nil)
		p.must(err)
		p.say("%v %s", plainMetadata(r.Metadata), *r.ContentType)
	}},
	{"upload a stream in blocks", "ok, 3 blocks, true", func(p *blobPlayer) {
		content := bytes.Repeat([]byte("0123456789"), 250_000)
		p.note(failure(p.blob("a").UploadStream(p.ctx, bytes.NewReader(content), &blockblob.UploadStreamOptions{BlockSize: 1 << 20, Concurrency: 3})))
		list, err := p.blob("a").GetBlockList(p.ctx, blockblob.BlockListTypeCommitted, nil)
		p.must(err)
		p.say("%d blocks", len(list.CommittedBlocks))
		got := make([]byte, len(content))
		p.must(failure(p.blob("a").DownloadBuffer(p.ctx, got, &blob.DownloadBufferOptions{BlockSize: 700_000, Concurrency: 3})))
		p.say("%t", bytes.Equal(got, content))
	}},

	{"append", `0 1, 2 2, "aabb"`, func(p *blobPlayer) {
		a := p.container.NewAppendBlobClient("a")
		p.must(failure(a.Create(p.ctx, nil)))
		for _, content := range []string{"aa", "bb"} {
			r, err := a.AppendBlock(p.ctx, upload(content), nil)
			p.must(err)
			p.say("%s %d", *r.BlobAppendOffset, *r.BlobCommittedBlockCount)
		}
		p.content("a")
	}},
	{"conditions of an append", "ok, 412 AppendPositionConditionNotMet, 412 MaxBlobSizeConditionNotMet, ok, 412 ConditionNotMet", func(p *blobPlayer) {
		a := p.container.NewAppendBlobClient("a")
		p.must(failure(a.Create(p.ctx, nil)))
		for _, c := range []appendblob.AppendPositionAccessConditions{{AppendPosition: to.Ptr[int64](0)}, {AppendPosition: to.Ptr[int64](0)},
			{MaxSize: to.Ptr[int64](3)}, {MaxSize: to.Ptr[int64](4)}} {
			p.note(failure(a.AppendBlock(p.ctx, upload("aa"), &appendblob.AppendBlockOptions{AppendPositionAccessConditions: &c})))
		}
		p.note(failure(a.AppendBlock(p.ctx, upload("aa"), &appendblob.AppendBlockOptions{
			AccessConditions: onlyIf(blob.ModifiedAccessConditions{IfMatch: staleETag})})))
	}},
	{"append to what is no append blob", "404 BlobNotFound, 409 InvalidBlobType, 400 InvalidHeaderValue", func(p *blobPlayer) {
		p.note(failure(p.container.NewAppendBlobClient("a").AppendBlock(p.ctx, upload("x"), nil)))
		p.put("a", "hello")
		p.note(failure(p.container.NewAppendBlobClient("a").AppendBlock(p.ctx, upload("x"), nil)))
		p.must(failure(p.container.NewAppendBlobClient("b").Create(p.ctx, nil)))
		p.note(failure(p.container.NewAppendBlobClient("b").AppendBlock(p.ctx, upload(""), nil)))
	}},
	{"a sealed append blob", "ok, 409 BlobIsSealed", func(p *blobPlayer) {
		a := p.container.NewAppendBlobClient("a")
		p.must(failure(a.Create(p.ctx, nil)))
		p.note(failure(a.Seal(p.ctx, nil)))
		p.note(failure(a.AppendBlock(p.ctx, upload("x"), nil)))
	}},
	{"blocks of what is no block blob", "409 InvalidBlobType, 409 InvalidBlobType, 409 InvalidBlobType", func(p *blobPlayer) {
		p.must(failure(p.container.NewAppendBlobClient("a").Create(p.ctx, nil)))
		p.commit("a")
		p.note(failure(p.blob("a").StageBlock(p.ctx, blockID("001"), upload("x"), nil)))
		p.blocks("a")
	}},

	{"pages", "ok, ok, 512-1535, ok, 512-1023, 2048 bytes, 512 set", func(p *blobPlayer) {
		a := p.pageBlob(2048)
		for at := range int64(2) {
			p.note(failure(a.UploadPages(p.ctx, upload(strings.Repeat("x", 512)), blob.HTTPRange{Offset: 512 + 512*at, Count: 512}, nil)))
		}
		p.ranges(a)
		p.note(failure(a.ClearPages(p.ctx, blob.HTTPRange{Offset: 1024, Count: 512}, nil)))
		p.ranges(a)
		got := make([]byte, 2048)
		n, err := a.DownloadBuffer(p.ctx, got, nil)
		p.must(err)
		p.say("%d bytes, %d set", n, bytes.Count(got, []byte("x")))
	}},
	{"pages out of place", "416 InvalidPageRange, 416 InvalidPageRange, 400 InvalidHeaderValue", func(p *blobPlayer) {
		a := p.pageBlob(1024)
		page := func(size int) string { return strings.Repeat("x", size) }
		p.note(failure(a.UploadPages(p.ctx, upload(page(512)), blob.HTTPRange{Offset: 1, Count: 512}, nil)))
		p.note(failure(a.UploadPages(p.ctx, upload(page(512)), blob.HTTPRange{Offset: 1024, Count: 512}, nil)))
		p.note(failure(p.container.NewPageBlobClient("b").Create(p.ctx, 100, nil)))
	}},
	{"resize a page blob", "0-1023, 0-511, 512", func(p *blobPlayer) {
		a := p.pageBlob(1024)
		p.must(failure(a.UploadPages(p.ctx, upload(strings.Repeat("x", 1024)), blob.HTTPRange{Count: 1024}, nil)))
		p.ranges(a)
		p.must(failure(a.Resize(p.ctx, 512, nil)))
		p.ranges(a)
		r, err := a.GetProperties(p.ctx, nil)
		p.must(err)
		p.say("%d", *r.ContentLength)
	}},
	{"sequence numbers", "7, 7, 8, 412 SequenceNumberConditionNotMet, ok", func(p *blobPlayer) {
		a := p.pageBlob(512)
		for _, o := range []pageblob.UpdateSequenceNumberOptions{
			{ActionType: to.Ptr(pageblob.SequenceNumberActionTypeUpdate), SequenceNumber: to.Ptr[int64](7)},
			{ActionType: to.Ptr(pageblob.SequenceNumberActionTypeMax), SequenceNumber: to.Ptr[int64](3)},
			{ActionType: to.Ptr(pageblob.SequenceNumberActionTypeIncrement)}} {
			r, err := a.UpdateSequenceNumber(p.ctx, &o)
			p.must(err)
			p.say("%d", *r.BlobSequenceNumber)
		}
		for _, c := range []pageblob.SequenceNumberAccessConditions{{IfSequenceNumberEqualTo: to.Ptr[int64](7)}, {IfSequenceNumberLessThan: to.Ptr[int64](9)}} {
			p.note(failure(a.UploadPages(p.ctx, upload(strings.Repeat("x", 512)), blob.HTTPRange{Count: 512},
				&pageblob.UploadPagesOptions{SequenceNumberAccessConditions: &c})))
		}
	}},
}

// blockID is what the client sends for a block called id.
func blockID(id string) string { return base64.StdEncoding.EncodeToString([]byte(id)) }

func (p *blobPlayer) stage(name, id, content string) {
	p.t.Helper()
	p.must(failure(p.blob(name).StageBlock(p.ctx, blockID(id), upload(content), nil)))
}

// commit notes a commit of blocks.
func (p *blobPlayer) commit(name string, ids ...string) {
	var sent []string
	for _, id := range ids {
		sent = append(sent, blockID(id))
	}
	p.note(failure(p.blob(name).CommitBlockList(p.ctx, sent, nil)))
}

// blocks notes the committed and the uncommitted blocks with their sizes.
func (p *blobPlayer) blocks(name string) {
	r, err := p.blob(name).GetBlockList(p.ctx, blockblob.BlockListTypeAll, nil)
	if err != nil {
		p.note(err)
		return
	}
	p.say("%v %v", blocksText(r.CommittedBlocks), blocksText(r.UncommittedBlocks))
}

func blocksText(blocks []*blockblob.Block) []string {
	all := []string{}
	for _, b := range blocks {
		id, _ := base64.StdEncoding.DecodeString(*b.Name)
		all = append(all, fmt.Sprintf("%s:%d", id, *b.Size))
	}
	return all
}

// pageBlob makes the page blob "a".
func (p *blobPlayer) pageBlob(size int64) *pageblob.Client {
	a := p.container.NewPageBlobClient("a")
	p.must(failure(a.Create(p.ctx, size, nil)))
	return a
}

// ranges notes which pages are set.
func (p *blobPlayer) ranges(a *pageblob.Client) {
	page, err := a.NewGetPageRangesPager(nil).NextPage(p.ctx)
	p.must(err)
	var all []string
	for _, r := range page.PageRange {
		all = append(all, fmt.Sprintf("%d-%d", *r.Start, *r.End))
	}
	p.say("%s", strings.Join(all, " "))
}
