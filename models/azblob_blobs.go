package models

// azblobCommon are the requests that blob.Client and the three kinds of blob share.
// Each kind has methods of its own for them, which do no more than call blob.Client's.
func azblobCommon(pkg string) []Call {
	f := func(name string) string { return bc(pkg, name) }
	key := paths("recv")
	calls := []Call{
		guardedBy("arg1.AccessConditions", Call{
			Func: f("DownloadStream"), Role: Read, Key: key, Bulk: true,
			Content: paths("ret0.DownloadResponse.Body", "ret0.DownloadResponse.Metadata"),
			Version: paths("ret0.DownloadResponse.ETag"),
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("DownloadBuffer"), Role: Read, Key: key, Bulk: true, Content: paths("arg1"),
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("DownloadFile"), Role: Read, Key: key, Bulk: true, Content: paths("arg1"),
		}),
		guardedBy("arg1.AccessConditions", Call{
			Func: f("GetProperties"), Role: Read, Key: key, Content: paths("ret0"),
			Version: paths("ret0.ETag"), Facet: FacetProperties,
		}),
		guardedBy("arg1.BlobAccessConditions", Call{
			Func: f("GetTags"), Role: Read, Key: key, Content: paths("ret0.BlobTags"), Facet: FacetTags,
		}),
		guardedBy("arg1.AccessConditions", Call{Func: f("Delete"), Role: Remove, Key: key}),
		{Func: f("Undelete"), Role: Write, Key: key, Facet: FacetDeletion},
		guardedBy("arg2.AccessConditions", Call{
			Func: f("SetMetadata"), Role: Write, Key: key, Value: paths("arg1"),
			Version: paths("ret0.ETag"), Facet: FacetMetadata,
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("SetHTTPHeaders"), Role: Write, Key: key, Value: paths("arg1"),
			Version: paths("ret0.ETag"), Facet: FacetHeaders,
		}),
		{
			Func: f("SetTags"), Role: Write, Key: key, Value: paths("arg1"), Facet: FacetTags,
			IfMatch:     paths("arg2.BlobModifiedAccessConditions.IfMatch"),
			IfNoneMatch: paths("arg2.BlobModifiedAccessConditions.IfNoneMatch"),
			Conditions: paths(
				"arg2.AccessConditions.LeaseAccessConditions.LeaseID",
				"arg2.AccessConditions.ModifiedAccessConditions.IfTags",
				"arg2.BlobModifiedAccessConditions.IfModifiedSince",
				"arg2.BlobModifiedAccessConditions.IfUnmodifiedSince",
			),
		},
		// Two deliveries make two snapshots.
		guardedBy("arg1.AccessConditions", Call{
			Func: f("CreateSnapshot"), Role: Append, Key: key, Value: paths("arg1.Metadata"),
			Version: paths("ret0.ETag"), Facet: FacetSnapshots,
		}),
		// The copy goes on after the answer; the value is what the source holds then.
		guardedBy("arg2.AccessConditions", Call{
			Func: f("StartCopyFromURL"), Role: Write, Key: key,
			Value: paths("arg1", "arg2.Metadata", "arg2.BlobTags"), Version: paths("ret0.ETag"),
		}),
		// The copy's id, given by the service, is checked: 409 where it is not pending.
		{
			Func: f("AbortCopyFromURL"), Role: Remove, Key: key, Facet: FacetCopy,
			Conditions: paths("arg1", "arg2.LeaseAccessConditions.LeaseID"),
		},
		{
			Func: f("SetImmutabilityPolicy"), Role: Write, Key: key, Value: paths("arg1"), Facet: FacetRetention,
			Conditions: paths("arg2.ModifiedAccessConditions.IfUnmodifiedSince"),
		},
		{Func: f("DeleteImmutabilityPolicy"), Role: Remove, Key: key, Facet: FacetRetention},
		{Func: f("SetLegalHold"), Role: Write, Key: key, Value: paths("arg1"), Facet: FacetRetention},
	}
	// These two answer with an error at once on append blobs.
	if pkg != "appendblob" {
		calls = append(calls,
			Call{
				Func: f("SetTier"), Role: Write, Key: key, Value: paths("arg1"), Facet: FacetTier,
				Conditions: tierConditions("arg2.AccessConditions"),
			},
			// Waits until the copy is done; up to 256 MiB.
			guardedBy("arg2.BlobAccessConditions", Call{
				Func: f("CopyFromURL"), Role: Write, Key: key, Bulk: true,
				Value: paths("arg1", "arg2.Metadata", "arg2.BlobTags"), Version: paths("ret0.ETag"),
			}),
		)
	}
	calls = remote(calls...)
	// Another view of the same blob: its versions and snapshots never change, but what
	// is read there and written back is a read-modify-write all the same.
	calls = append(calls,
		Call{Func: f("WithSnapshot"), Role: Same, Value: key},
		Call{Func: f("WithVersionID"), Role: Same, Value: key},
	)
	if pkg == "blob" {
		// Reads on after a broken connection, with If-Match on the first answer's ETag.
		calls = append(calls, Call{
			Func: method(azblob+"/blob", "DownloadStreamResponse", "NewRetryReader"), Role: Same,
			Value: paths("recv.DownloadResponse.Body"),
		})
	}
	return calls
}

func azblobBlockBlob() []Call {
	f := func(name string) string { return bc("blockblob", name) }
	key := paths("recv")
	return remote(
		guardedBy("arg2.AccessConditions", Call{
			Func: f("Upload"), Role: Write, Key: key, Bulk: true,
			Value: paths("arg1", "arg2.Metadata", "arg2.Tags"), Version: paths("ret0.ETag"),
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("UploadBuffer"), Role: Write, Key: key, Bulk: true,
			Value: paths("arg1", "arg2.Metadata", "arg2.Tags"), Version: paths("ret0.ETag"),
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("UploadFile"), Role: Write, Key: key, Bulk: true,
			Value: paths("arg1", "arg2.Metadata", "arg2.Tags"), Version: paths("ret0.ETag"),
		}),
		// Blocks are staged under random ids and committed with the conditions.
		guardedBy("arg2.AccessConditions", Call{
			Func: f("UploadStream"), Role: Write, Key: key, Bulk: true,
			Value: paths("arg1", "arg2.Metadata", "arg2.Tags"), Version: paths("ret0.ETag"),
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("UploadBlobFromURL"), Role: Write, Key: key, Bulk: true,
			Value: paths("arg1", "arg2.Metadata", "arg2.Tags"), Version: paths("ret0.ETag"),
		}),

		// Staged blocks are seen by nobody until committed; staging the same id again
		// replaces the block.
		Call{
			Func: f("StageBlock"), Role: Stage, Staged: Write, Key: paths("recv", "arg1"), Value: paths("arg2"), Bulk: true,
			Conditions: paths("arg3.LeaseAccessConditions.LeaseID"),
		},
		Call{
			Func: f("StageBlockFromURL"), Role: Stage, Staged: Write, Key: paths("recv", "arg1"), Value: paths("arg2"), Bulk: true,
			Conditions: paths("arg3.LeaseAccessConditions.LeaseID"),
		},
		guardedBy("arg2.AccessConditions", Call{
			Func: f("CommitBlockList"), Role: Write, Key: key, Commits: "recv",
			Value: paths("arg1", "arg2.Metadata", "arg2.Tags"), Version: paths("ret0.ETag"),
		}),
		// Its ETag conditions are not sent.
		Call{
			Func: f("GetBlockList"), Role: Read, Key: key, Content: paths("ret0.BlockList"),
			Version: paths("ret0.ETag"), Facet: FacetBlocks,
			Conditions: paths("arg2.AccessConditions.LeaseAccessConditions.LeaseID", "arg2.AccessConditions.ModifiedAccessConditions.IfTags"),
		},
		Call{Func: f("SetExpiry"), Role: Write, Key: key, Value: paths("arg1"), Version: paths("ret0.ETag"), Facet: FacetExpiry},
	)
}

func azblobAppendBlob() []Call {
	f := func(name string) string { return bc("appendblob", name) }
	key := paths("recv")
	positions := paths("arg2.AppendPositionAccessConditions.AppendPosition", "arg2.AppendPositionAccessConditions.MaxSize")
	return remote(
		// Not a Create: it truncates a blob that exists, unless If-None-Match: * is given.
		guardedBy("arg1.AccessConditions", Call{
			Func: f("Create"), Role: Write, Key: key,
			Value: paths("arg1.Metadata", "arg1.Tags"), Version: paths("ret0.ETag"),
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("AppendBlock"), Role: Append, Relative: true, Key: key, Value: paths("arg1"), Bulk: true,
			Version: paths("ret0.ETag"), Conditions: positions,
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("AppendBlockFromURL"), Role: Append, Relative: true, Key: key, Value: paths("arg1"), Bulk: true,
			Version: paths("ret0.ETag"), Conditions: positions,
		}),
		Call{
			Func: f("Seal"), Role: Write, Key: key, Version: paths("ret0.ETag"), Facet: FacetSeal,
			IfMatch:     paths("arg1.AccessConditions.ModifiedAccessConditions.IfMatch"),
			IfNoneMatch: paths("arg1.AccessConditions.ModifiedAccessConditions.IfNoneMatch"),
			Conditions: paths(
				"arg1.AppendPositionAccessConditions.AppendPosition",
				"arg1.AccessConditions.LeaseAccessConditions.LeaseID",
				"arg1.AccessConditions.ModifiedAccessConditions.IfModifiedSince",
				"arg1.AccessConditions.ModifiedAccessConditions.IfUnmodifiedSince",
			),
		},
		Call{Func: f("SetExpiry"), Role: Write, Key: key, Value: paths("arg1"), Version: paths("ret0.ETag"), Facet: FacetExpiry},
	)
}

// azblobPageBlob: pages are written in place, so the offset belongs to the key.
func azblobPageBlob() []Call {
	f := func(name string) string { return bc("pageblob", name) }
	key := paths("recv")
	sequence := func(at Path) []Path {
		at += ".SequenceNumberAccessConditions."
		return paths(at+"IfSequenceNumberEqualTo", at+"IfSequenceNumberLessThan", at+"IfSequenceNumberLessThanOrEqualTo")
	}
	return remote(
		// Not a Create: it replaces a blob that exists by zeros, unless If-None-Match: *
		// is given.
		guardedBy("arg2.AccessConditions", Call{
			Func: f("Create"), Role: Write, Key: key,
			Value: paths("arg1", "arg2.Metadata", "arg2.Tags"), Version: paths("ret0.ETag"),
		}),
		guardedBy("arg3.AccessConditions", Call{
			Func: f("UploadPages"), Role: Write, Key: paths("recv", "arg2.Offset"), Value: paths("arg1"), Bulk: true,
			Version: paths("ret0.ETag"), Conditions: sequence("arg3"),
		}),
		guardedBy("arg5.AccessConditions", Call{
			Func: f("UploadPagesFromURL"), Role: Write, Key: paths("recv", "arg3"), Value: paths("arg1", "arg2", "arg4"), Bulk: true,
			Version: paths("ret0.ETag"), Conditions: sequence("arg5"),
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("ClearPages"), Role: Write, Key: paths("recv", "arg1.Offset"), Value: paths("arg1.Count"),
			Version: paths("ret0.ETag"), Conditions: sequence("arg2"),
		}),
		guardedBy("arg2.AccessConditions", Call{
			Func: f("Resize"), Role: Write, Key: key, Value: paths("arg1"), Version: paths("ret0.ETag"), Facet: FacetSize,
		}),
		// "increment" adds one to the number there is.
		guardedBy("arg1.AccessConditions", Call{
			Func: f("UpdateSequenceNumber"), Role: Write, Key: key, Value: paths("arg1.SequenceNumber"),
			Version: paths("ret0.ETag"), Facet: FacetSequence,
			Action:  "arg1.ActionType",
			Actions: map[string]Role{`"increment"`: Append, `"max"`: Write, `"update"`: Write},
		}),
		Call{
			Func: f("StartCopyIncremental"), Role: Write, Key: key, Value: paths("arg1", "arg2"), Version: paths("ret0.ETag"),
			IfMatch:     paths("arg3.ModifiedAccessConditions.IfMatch"),
			IfNoneMatch: paths("arg3.ModifiedAccessConditions.IfNoneMatch"),
			Conditions: paths("arg3.ModifiedAccessConditions.IfTags",
				"arg3.ModifiedAccessConditions.IfModifiedSince", "arg3.ModifiedAccessConditions.IfUnmodifiedSince"),
		},
	)
}
