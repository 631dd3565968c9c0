package models

// Azure Blob Storage: packages azblob, service, container, blob, blockblob,
// appendblob, pageblob, lease and bloberror.
//
// Facts that matter, read in each package's models.go (the format methods say which
// conditions are really sent):
//   - Upload, the Create of append and page blobs, commits and copies replace an
//     existing blob, its metadata and its tags; only If-None-Match: * makes them create.
//   - A stale If-Match gives 412 ConditionNotMet, If-None-Match: * on an existing blob
//     409 BlobAlreadyExists, also for the caller's own write whose answer was lost.
//   - SetTier sends no ETag condition whatever AccessConditions say; SetTags takes it
//     from BlobModifiedAccessConditions only; containers know only modification times.
//   - DownloadBuffer and DownloadFile return no ETag.
//   - A copy's SourceModifiedAccessConditions guard the source, not what is replaced.
//   - Appending is no overwrite: two deliveries append twice.
var azblobModel = Model{
	Name: "Azure Blob Storage",
	Packages: []string{
		azblob, azblob + "/service", azblob + "/container", azblob + "/blob",
		azblob + "/blockblob", azblob + "/appendblob", azblob + "/pageblob", azblob + "/lease",
	},
	Calls: said("Azure Blob Storage", azblobSource, concat(
		azblobClients,
		remote(azblobAccount...),
		azblobConvenience(),
		azblobCommon("blob"), azblobCommon("blockblob"), azblobCommon("appendblob"), azblobCommon("pageblob"),
		azblobBlockBlob(), azblobAppendBlob(), azblobPageBlob(),
		azblobLeases(),
	)...),
}

const (
	azblob       = azureSDK + "storage/azblob"
	azblobSource = "sdk/storage/azblob v1.8.3"
)

// bc spells a method of a subpackage's Client.
func bc(pkg, name string) string { return method(azblob+"/"+pkg, "Client", name) }

// guardedBy adds what a blob's AccessConditions say, found at the given path.
func guardedBy(at Path, c Call) Call {
	m := at + ".ModifiedAccessConditions."
	c.IfMatch = paths(m + "IfMatch")
	c.IfNoneMatch = paths(m + "IfNoneMatch")
	c.Conditions = append(c.Conditions,
		at+".LeaseAccessConditions.LeaseID", m+"IfTags", m+"IfModifiedSince", m+"IfUnmodifiedSince")
	return c
}

// unversioned are the conditions of calls that know no ETag: containers.
func unversioned(lease, modified Path, c Call) Call {
	if lease != "" {
		c.Conditions = append(c.Conditions, lease+".LeaseID")
	}
	if modified != "" {
		c.Conditions = append(c.Conditions, modified+".IfModifiedSince", modified+".IfUnmodifiedSince")
	}
	return c
}

var azblobClients = concat(
	constructors(azblob, "NewClient", withSharedKeyCredential, 0),
	constructors(azblob+"/service", "NewClient", withSharedKeyCredential, 0),
	constructors(azblob+"/container", "NewClient", withSharedKeyCredential, 1),
	constructors(azblob+"/blob", "NewClient", withSharedKeyCredential, 2),
	constructors(azblob+"/blockblob", "NewClient", withSharedKeyCredential, 2),
	constructors(azblob+"/appendblob", "NewClient", withSharedKeyCredential, 2),
	constructors(azblob+"/pageblob", "NewClient", withSharedKeyCredential, 2),
	[]Call{
		{Func: bc("service", "NewContainerClient"), Role: Address, Key: paths("recv", "arg0")},
		{Func: bc("container", "NewBlobClient"), Role: Address, Key: paths("recv", "arg0")},
		{Func: bc("container", "NewBlockBlobClient"), Role: Address, Key: paths("recv", "arg0")},
		{Func: bc("container", "NewAppendBlobClient"), Role: Address, Key: paths("recv", "arg0")},
		{Func: bc("container", "NewPageBlobClient"), Role: Address, Key: paths("recv", "arg0")},

		// The lease clients speak to the blob or container they are made from.
		{Func: fn(azblob+"/lease", "NewBlobClient"), Role: Address, Key: paths("arg0")},
		{Func: fn(azblob+"/lease", "NewContainerClient"), Role: Address, Key: paths("arg0")},

		{Func: method(azblob, "Client", "ServiceClient"), Role: Same, Value: paths("recv")},
		{Func: bc("blockblob", "BlobClient"), Role: Same, Value: paths("recv")},
		{Func: bc("appendblob", "BlobClient"), Role: Same, Value: paths("recv")},
		{Func: bc("pageblob", "BlobClient"), Role: Same, Value: paths("recv")},

		{Func: fn(azblob+"/bloberror", "HasCode"), Role: Condition, Codes: "arg1[]"},

		{Func: method(azblob, "Client", "NewListBlobsFlatPager"), Role: List, Key: paths("recv", "arg0"), Content: paths("ret0")},
		{Func: method(azblob, "Client", "NewListContainersPager"), Role: List, Key: paths("recv"), Content: paths("ret0")},
		{Func: bc("service", "NewListContainersPager"), Role: List, Key: paths("recv"), Content: paths("ret0")},
		{Func: bc("container", "NewListBlobsFlatPager"), Role: List, Key: paths("recv"), Content: paths("ret0")},
		{Func: bc("container", "NewListBlobsHierarchyPager"), Role: List, Key: paths("recv"), Content: paths("ret0")},
		guardedBy("arg0.AccessConditions", Call{
			Func: bc("pageblob", "NewGetPageRangesPager"), Role: List, Key: paths("recv"),
			Content: paths("ret0"), Facet: FacetRanges,
		}),
		guardedBy("arg0.AccessConditions", Call{
			Func: bc("pageblob", "NewGetPageRangesDiffPager"), Role: List, Key: paths("recv"),
			Content: paths("ret0"), Facet: FacetRanges,
		}),

		// Batches of up to 256 deletes or tier changes; each can fail by itself, and
		// SubmitBatch then still returns no error: its Responses tell.
		guardedBy("arg1.DeleteOptions.AccessConditions", Call{
			Func: method(azblob+"/container", "BatchBuilder", "Delete"), Role: Stage, Staged: Remove, Key: paths("recv", "arg0"),
		}),
		guardedBy("arg2.DeleteOptions.AccessConditions", Call{
			Func: method(azblob+"/service", "BatchBuilder", "Delete"), Role: Stage, Staged: Remove, Key: paths("recv", "arg0", "arg1"),
		}),
		{
			Func: method(azblob+"/container", "BatchBuilder", "SetTier"), Role: Stage, Staged: Write,
			Key: paths("recv", "arg0"), Value: paths("arg1"), Facet: FacetTier,
			Conditions: tierConditions("arg2.SetTierOptions.AccessConditions"),
		},
		{
			Func: method(azblob+"/service", "BatchBuilder", "SetTier"), Role: Stage, Staged: Write,
			Key: paths("recv", "arg0", "arg1"), Value: paths("arg2"), Facet: FacetTier,
			Conditions: tierConditions("arg3.SetTierOptions.AccessConditions"),
		},
	},
)

// tierConditions: a tier change is guarded by lease and tags, never by the ETag.
func tierConditions(at Path) []Path {
	return paths(at+".LeaseAccessConditions.LeaseID", at+".ModifiedAccessConditions.IfTags")
}

// azblobAccount are the requests to accounts and containers.
var azblobAccount = []Call{
	// 409 ContainerAlreadyExists where it exists.
	{Func: method(azblob, "Client", "CreateContainer"), Role: Create, Key: paths("recv", "arg1"), Value: paths("arg2.Metadata")},
	{Func: bc("service", "CreateContainer"), Role: Create, Key: paths("recv", "arg1"), Value: paths("arg2.Metadata"), Version: paths("ret0.ETag")},
	{Func: bc("container", "Create"), Role: Create, Key: paths("recv"), Value: paths("arg1.Metadata"), Version: paths("ret0.ETag")},

	unversioned("arg2.AccessConditions.LeaseAccessConditions", "arg2.AccessConditions.ModifiedAccessConditions",
		Call{Func: method(azblob, "Client", "DeleteContainer"), Role: Remove, Key: paths("recv", "arg1")}),
	unversioned("arg2.AccessConditions.LeaseAccessConditions", "arg2.AccessConditions.ModifiedAccessConditions",
		Call{Func: bc("service", "DeleteContainer"), Role: Remove, Key: paths("recv", "arg1")}),
	unversioned("arg1.AccessConditions.LeaseAccessConditions", "arg1.AccessConditions.ModifiedAccessConditions",
		Call{Func: bc("container", "Delete"), Role: Remove, Key: paths("recv")}),

	{Func: bc("service", "RestoreContainer"), Role: Write, Key: paths("recv", "arg1"), Value: paths("arg2"), Facet: FacetDeletion},
	{Func: bc("container", "Restore"), Role: Write, Key: paths("recv"), Value: paths("arg1"), Facet: FacetDeletion},

	{Func: bc("container", "GetProperties"), Role: Read, Key: paths("recv"), Content: paths("ret0"), Version: paths("ret0.ETag"), Facet: FacetProperties},
	{
		Func: bc("container", "SetMetadata"), Role: Write, Key: paths("recv"), Value: paths("arg1.Metadata"), Version: paths("ret0.ETag"),
		Facet: FacetMetadata,
		// The REST API knows only If-Modified-Since here.
		Conditions: paths("arg1.LeaseAccessConditions.LeaseID", "arg1.ModifiedAccessConditions.IfModifiedSince"),
	},
	{Func: bc("container", "GetAccessPolicy"), Role: Read, Key: paths("recv"), Content: paths("ret0"), Version: paths("ret0.ETag"), Facet: FacetPolicy},
	unversioned("arg1.AccessConditions.LeaseAccessConditions", "arg1.AccessConditions.ModifiedAccessConditions",
		Call{Func: bc("container", "SetAccessPolicy"), Role: Write, Key: paths("recv"), Value: paths("arg1.ContainerACL"),
			Version: paths("ret0.ETag"), Facet: FacetPolicy}),
	{Func: bc("service", "GetProperties"), Role: Read, Key: paths("recv"), Content: paths("ret0"), Facet: FacetSettings},
	{Func: bc("service", "SetProperties"), Role: Write, Key: paths("recv"), Value: paths("arg1"), Facet: FacetSettings},

	// Queries over the tag index, which follows the blobs with a delay.
	{Func: bc("container", "FilterBlobs"), Role: List, Key: paths("recv"), Content: paths("ret0"), Facet: FacetTags},
	{Func: bc("service", "FilterBlobs"), Role: List, Key: paths("recv"), Content: paths("ret0"), Facet: FacetTags},

	{Func: bc("container", "SubmitBatch"), Role: Write, Key: paths("recv"), Commits: "arg1"},
	{Func: bc("service", "SubmitBatch"), Role: Write, Key: paths("recv"), Commits: "arg1"},
}

// azblobConvenience are the calls of azblob.Client, which name container and blob and
// do no more than the blob's own client: they are the same entries, two arguments on.
func azblobConvenience() []Call {
	c := func(name string) string { return method(azblob, "Client", name) }
	key := paths("recv", "arg1", "arg2")
	return remote(
		guardedBy("arg4.AccessConditions", Call{
			Func: c("UploadBuffer"), Role: Write, Key: key, Bulk: true,
			Value: paths("arg3", "arg4.Metadata", "arg4.Tags"), Version: paths("ret0.ETag"),
		}),
		guardedBy("arg4.AccessConditions", Call{
			Func: c("UploadFile"), Role: Write, Key: key, Bulk: true,
			Value: paths("arg3", "arg4.Metadata", "arg4.Tags"), Version: paths("ret0.ETag"),
		}),
		guardedBy("arg4.AccessConditions", Call{
			Func: c("UploadStream"), Role: Write, Key: key, Bulk: true,
			Value: paths("arg3", "arg4.Metadata", "arg4.Tags"), Version: paths("ret0.ETag"),
		}),
		guardedBy("arg3.AccessConditions", Call{Func: c("DeleteBlob"), Role: Remove, Key: key}),
		guardedBy("arg3.AccessConditions", Call{
			Func: c("DownloadStream"), Role: Read, Key: key, Bulk: true,
			Content: paths("ret0.DownloadResponse.Body", "ret0.DownloadResponse.Metadata"),
			Version: paths("ret0.DownloadResponse.ETag"),
		}),
		guardedBy("arg4.AccessConditions", Call{
			Func: c("DownloadBuffer"), Role: Read, Key: key, Bulk: true, Content: paths("arg3"),
		}),
		guardedBy("arg4.AccessConditions", Call{
			Func: c("DownloadFile"), Role: Read, Key: key, Bulk: true, Content: paths("arg3"),
		}),
	)
}

// azblobLeases: a lease shuts other writers out; that is mutual exclusion, not a mark
// that the work was done. The service refuses to acquire, renew, change or release it
// for anybody who holds another lease id (409), so the id, kept in the client, is a
// condition. NewBlobClient draws a random id unless one is given: a redelivered
// message then finds its own earlier lease held by "another" until it expires (15 to
// 60 s, or never with -1).
func azblobLeases() []Call {
	l := func(client, name string) string { return method(azblob+"/lease", client, name) }
	modified := func(at Path, c Call) Call {
		c.IfMatch = paths(at + ".IfMatch")
		c.IfNoneMatch = paths(at + ".IfNoneMatch")
		c.Conditions = append(c.Conditions, at+".IfTags", at+".IfModifiedSince", at+".IfUnmodifiedSince")
		return c
	}
	times := func(at Path, c Call) Call { return unversioned("", at, c) }
	calls := func(client string, guard func(Path, Call) Call) []Call {
		return remote(
			guard("arg2.ModifiedAccessConditions", Call{
				Func: l(client, "AcquireLease"), Role: Write, Key: paths("recv"), Value: paths("arg1"),
				Conditions: paths("recv"), Version: paths("ret0.ETag"), Facet: FacetLease,
			}),
			guard("arg1.ModifiedAccessConditions", Call{
				Func: l(client, "RenewLease"), Role: Write, Key: paths("recv"),
				Conditions: paths("recv"), Version: paths("ret0.ETag"), Facet: FacetLease,
			}),
			guard("arg2.ModifiedAccessConditions", Call{
				Func: l(client, "ChangeLease"), Role: Write, Key: paths("recv"), Value: paths("arg1"),
				Conditions: paths("recv"), Version: paths("ret0.ETag"), Facet: FacetLease,
			}),
			guard("arg1.ModifiedAccessConditions", Call{
				Func: l(client, "ReleaseLease"), Role: Remove, Key: paths("recv"),
				Conditions: paths("recv"), Version: paths("ret0.ETag"), Facet: FacetLease,
			}),
			// Breaks anybody's lease.
			guard("arg1.ModifiedAccessConditions", Call{
				Func: l(client, "BreakLease"), Role: Remove, Key: paths("recv"),
				Version: paths("ret0.ETag"), Facet: FacetLease,
			}),
		)
	}
	return concat(calls("BlobClient", modified), calls("ContainerClient", times))
}
