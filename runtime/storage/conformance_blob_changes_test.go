package storage_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
)

// blobChangeScenarios are about properties, tags, deletes, snapshots, copies, lists and
// batches.
var blobChangeScenarios = []blobScenario{
	{"what gives a new ETag", "put new, metadata new, headers new, tier same, tags same, snapshot same", func(p *blobPlayer) {
		etag := p.put("a", "hello")
		look := func(what string, err error) {
			p.must(err)
			r, err := p.blob("a").GetProperties(p.ctx, nil)
			p.must(err)
			p.say("%s %s", what, map[bool]string{true: "same", false: "new"}[*r.ETag == etag])
			etag = *r.ETag
		}
		look("put", failure(p.blob("a").Upload(p.ctx, upload("hello"), nil)))
		look("metadata", failure(p.blob("a").SetMetadata(p.ctx, nil, nil)))
		look("headers", failure(p.blob("a").SetHTTPHeaders(p.ctx, blob.HTTPHeaders{}, nil)))
		look("tier", failure(p.blob("a").SetTier(p.ctx, blob.AccessTierCool, nil)))
		look("tags", failure(p.blob("a").SetTags(p.ctx, map[string]string{"k": "v"}, nil)))
		look("snapshot", failure(p.blob("a").CreateSnapshot(p.ctx, nil)))
	}},
	{"set headers clears the others", "text/html, true, map[a:1]", func(p *blobPlayer) {
		p.must(failure(p.blob("a").Upload(p.ctx, upload("x"), &blockblob.UploadOptions{Metadata: map[string]*string{"A": to.Ptr("1")},
			HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("text/plain"), BlobCacheControl: to.Ptr("no-cache")}})))
		p.must(failure(p.blob("a").SetHTTPHeaders(p.ctx, blob.HTTPHeaders{BlobContentType: to.Ptr("text/html")}, nil)))
		r, err := p.blob("a").GetProperties(p.ctx, nil)
		p.must(err)
		p.say("%s, %t, %v", *r.ContentType, r.CacheControl == nil, strings.ToLower(fmt.Sprint(plainMetadata(r.Metadata))))
	}},
	{"tags", "map[a:1 b:2], 2, 400 EmptyTagName, 404 BlobNotFound", func(p *blobPlayer) {
		p.put("a", "hello")
		p.must(failure(p.blob("a").SetTags(p.ctx, map[string]string{"a": "1", "b": "2"}, nil)))
		r, err := p.blob("a").GetTags(p.ctx, nil)
		p.must(err)
		tags := map[string]string{}
		for _, t := range r.BlobTagSet {
			tags[*t.Key] = *t.Value
		}
		got, err := p.blob("a").GetProperties(p.ctx, nil)
		p.must(err)
		p.say("%v", tags)
		p.say("%d", *got.TagCount)
		p.note(failure(p.blob("a").SetTags(p.ctx, map[string]string{"": "1"}, nil)))
		p.note(failure(p.blob("b").GetTags(p.ctx, nil)))
	}},
	{"tiers", "Hot inferred, Cool, 400 InvalidHeaderValue", func(p *blobPlayer) {
		p.put("a", "hello")
		r, err := p.blob("a").GetProperties(p.ctx, nil)
		p.must(err)
		p.say("%s %s", *r.AccessTier, map[bool]string{true: "inferred"}[*r.AccessTierInferred])
		p.must(failure(p.blob("a").SetTier(p.ctx, blob.AccessTierCool, nil)))
		r, err = p.blob("a").GetProperties(p.ctx, nil)
		p.must(err)
		p.say("%s", *r.AccessTier)
		p.note(failure(p.blob("a").SetTier(p.ctx, "Lukewarm", nil)))
	}},
	{"what is archived", "409 BlobArchived, 409 BlobArchived", func(p *blobPlayer) {
		p.put("a", "hello")
		p.must(failure(p.blob("a").SetTier(p.ctx, blob.AccessTierArchive, nil)))
		p.content("a")
		p.note(failure(p.blob("b").StartCopyFromURL(p.ctx, p.blob("a").URL(), nil)))
	}},
	{"metadata is replaced", "map[B:2], 400 InvalidMetadata", func(p *blobPlayer) {
		p.must(failure(p.blob("a").Upload(p.ctx, upload("x"), &blockblob.UploadOptions{Metadata: map[string]*string{"a": to.Ptr("1")}})))
		p.must(failure(p.blob("a").SetMetadata(p.ctx, map[string]*string{"b": to.Ptr("2")}, nil)))
		r, err := p.blob("a").GetProperties(p.ctx, nil)
		p.must(err)
		p.say("%v", plainMetadata(r.Metadata))
		p.note(failure(p.blob("a").SetMetadata(p.ctx, map[string]*string{"1-b": to.Ptr("2")}, nil)))
	}},

	{"delete", "ok, 404 BlobNotFound, 412 ConditionNotMet, ok", func(p *blobPlayer) {
		p.put("a", "hello")
		p.note(failure(p.blob("a").Delete(p.ctx, nil)))
		p.note(failure(p.blob("a").Delete(p.ctx, nil)))
		etag := p.put("a", "hello")
		p.note(failure(p.blob("a").Delete(p.ctx, &blob.DeleteOptions{AccessConditions: onlyIf(blob.ModifiedAccessConditions{IfMatch: staleETag})})))
		p.note(failure(p.blob("a").Delete(p.ctx, &blob.DeleteOptions{AccessConditions: onlyIf(blob.ModifiedAccessConditions{IfMatch: &etag})})))
	}},
	{"snapshots", `"new", "old", 409 SnapshotsPresent, ok, ok, 404 BlobNotFound, 404 BlobNotFound`, func(p *blobPlayer) {
		p.put("a", "old")
		s, err := p.blob("a").CreateSnapshot(p.ctx, nil)
		p.must(err)
		p.put("a", "new")
		p.content("a")
		at, err := p.blob("a").WithSnapshot(*s.Snapshot)
		p.must(err)
		got := make([]byte, 3)
		p.must(failure(at.DownloadBuffer(p.ctx, got, nil)))
		p.say("%q", got)
		p.note(failure(p.blob("a").Delete(p.ctx, nil)))
		p.note(failure(p.blob("a").Delete(p.ctx, &blob.DeleteOptions{DeleteSnapshots: to.Ptr(blob.DeleteSnapshotsOptionTypeOnly)})))
		p.note(failure(p.blob("a").Delete(p.ctx, &blob.DeleteOptions{DeleteSnapshots: to.Ptr(blob.DeleteSnapshotsOptionTypeInclude)})))
		p.content("a")
		p.note(failure(at.GetProperties(p.ctx, nil)))
	}},

	{"copy", `success, "hello", map[A:1] text/plain success 5/5`, func(p *blobPlayer) {
		p.must(failure(p.blob("a").Upload(p.ctx, upload("hello"), &blockblob.UploadOptions{Metadata: map[string]*string{"a": to.Ptr("1")},
			HTTPHeaders: &blob.HTTPHeaders{BlobContentType: to.Ptr("text/plain")}})))
		c, err := p.blob("b").StartCopyFromURL(p.ctx, p.blob("a").URL(), nil)
		p.must(err)
		p.say("%s", *c.CopyStatus)
		p.content("b")
		r, err := p.blob("b").GetProperties(p.ctx, nil)
		p.must(err)
		p.say("%v %s %s %s", plainMetadata(r.Metadata), *r.ContentType, *r.CopyStatus, *r.CopyProgress)
	}},
	{"copy what is not there", "404 BlobNotFound", func(p *blobPlayer) {
		p.note(failure(p.blob("b").StartCopyFromURL(p.ctx, p.blob("a").URL(), nil)))
	}},
	{"conditions of a copy on its source", "412 SourceConditionNotMet, 412 SourceConditionNotMet, ok", func(p *blobPlayer) {
		etag := p.put("a", "hello")
		for _, m := range []blob.SourceModifiedAccessConditions{{SourceIfMatch: staleETag}, {SourceIfNoneMatch: &etag}, {SourceIfMatch: &etag}} {
			p.note(failure(p.blob("b").StartCopyFromURL(p.ctx, p.blob("a").URL(), &blob.StartCopyFromURLOptions{SourceModifiedAccessConditions: &m})))
		}
	}},
	{"conditions of a copy on its target", "412 ConditionNotMet, 412 ConditionNotMet, ok", func(p *blobPlayer) {
		p.put("a", "hello")
		etag := p.put("b", "there")
		for _, m := range []blob.ModifiedAccessConditions{{IfMatch: staleETag}, {IfNoneMatch: &etag}, {IfMatch: &etag}} {
			p.note(failure(p.blob("b").StartCopyFromURL(p.ctx, p.blob("a").URL(), &blob.StartCopyFromURLOptions{AccessConditions: onlyIf(m)})))
		}
	}},
	{"If-None-Match: * of a copy", "412 ConditionNotMet", func(p *blobPlayer) {
		p.put("a", "hello")
		p.put("b", "there")
		p.note(failure(p.blob("b").StartCopyFromURL(p.ctx, p.blob("a").URL(), &blob.StartCopyFromURLOptions{
			AccessConditions: onlyIf(blob.ModifiedAccessConditions{IfNoneMatch: anyETag})})))
	}},
	{"copy over a blob of another type", "409 InvalidBlobType", func(p *blobPlayer) {
		p.put("a", "hello")
		p.must(failure(p.container.NewAppendBlobClient("b").Create(p.ctx, nil)))
		p.note(failure(p.blob("b").StartCopyFromURL(p.ctx, p.blob("a").URL(), nil)))
	}},
	{"copy over a blob leased for a time", "412 LeaseIdMissing, 412 InfiniteLeaseDurationRequired", func(p *blobPlayer) {
		p.put("a", "hello")
		p.put("b", "there")
		p.must(failure(p.lease("b", leaseA).AcquireLease(p.ctx, 60, nil)))
		for _, c := range []*blob.AccessConditions{nil, holding(leaseA)} {
			p.note(failure(p.blob("b").StartCopyFromURL(p.ctx, p.blob("a").URL(), &blob.StartCopyFromURLOptions{AccessConditions: c})))
		}
	}},

	{"list in pages", "[a b] [c]", func(p *blobPlayer) {
		for _, name := range []string{"c", "a", "b"} {
			p.put(name, "hello")
		}
		var pages []string
		for pager := p.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{MaxResults: to.Ptr[int32](2)}); pager.More(); {
			page, err := pager.NextPage(p.ctx)
			p.must(err)
			pages = append(pages, fmt.Sprint(blobNames(page.Segment.BlobItems)))
		}
		p.say("%s", strings.Join(pages, " "))
	}},
	{"list a prefix with metadata", "[d/x] map[k:v] 5 BlockBlob true", func(p *blobPlayer) {
		p.put("c", "hello")
		r, err := p.blob("d/x").Upload(p.ctx, upload("hello"), &blockblob.UploadOptions{Metadata: map[string]*string{"k": to.Ptr("v")}})
		p.must(err)
		page, err := p.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
			Prefix: to.Ptr("d"), Include: container.ListBlobsInclude{Metadata: true}}).NextPage(p.ctx)
		p.must(err)
		item := page.Segment.BlobItems[0]
		p.say("%v %v %d %s %t", blobNames(page.Segment.BlobItems), plainMetadata(item.Metadata), *item.Properties.ContentLength,
			*item.Properties.BlobType, `"`+*item.Properties.ETag+`"` == *r.ETag)
	}},
	{"list folders", "[a] [d/ e/]", func(p *blobPlayer) {
		for _, name := range []string{"a", "d/1", "d/2", "e/f/g"} {
			p.put(name, "hello")
		}
		page, err := p.container.NewListBlobsHierarchyPager("/", nil).NextPage(p.ctx)
		p.must(err)
		var folders []string
		for _, f := range page.Segment.BlobPrefixes {
			folders = append(folders, *f.Name)
		}
		p.say("%v %v", blobNames(page.Segment.BlobItems), folders)
	}},
	{"list snapshots and uncommitted blobs", "[a], [a a* b]", func(p *blobPlayer) {
		p.put("a", "hello")
		p.must(failure(p.blob("a").CreateSnapshot(p.ctx, nil)))
		p.stage("b", "001", "x")
		for _, include := range []container.ListBlobsInclude{{}, {Snapshots: true, UncommittedBlobs: true}} {
			page, err := p.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{Include: include}).NextPage(p.ctx)
			p.must(err)
			p.say("%v", blobNames(page.Segment.BlobItems))
		}
	}},

	{"batch", "ok 0, ok 1, 404 BlobNotFound 2, 404 BlobNotFound", func(p *blobPlayer) {
		batch, err := p.container.NewBatchBuilder()
		p.must(err)
		for _, name := range []string{"a", "b/ c", "d"} {
			if name != "d" {
				p.put(name, "hello")
			}
			p.must(batch.Delete(name, nil))
		}
		r, err := p.container.SubmitBatch(p.ctx, batch, nil)
		p.must(err)
		for _, answer := range r.Responses {
			p.note(answer.Error)
			p.notes[len(p.notes)-1] += fmt.Sprint(" ", *answer.ContentID)
		}
		p.content("a")
	}},
}

// blobNames are the names of listed blobs, those of snapshots with a star.
func blobNames(items []*container.BlobItem) []string {
	names := []string{}
	for _, item := range items {
		name := *item.Name
		if item.Snapshot != nil && *item.Snapshot != "" {
			name += "*"
		}
		names = append(names, name)
	}
	slices.Sort(names) // The documentation does not say whether a blob or its snapshots come first.
	return names
}
