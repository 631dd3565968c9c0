package models

// Google Cloud Storage.
//
// Facts that matter:
//   - A Writer sends in the background; the object is there, as a whole, once Close has
//     returned without an error. Every error of the upload appears at Close: Write may
//     return nil for what never arrives (https://pkg.go.dev/cloud.google.com/go/storage#Writer).
//   - A write replaces an existing object. Preconditions are set on the handle, by If:
//     DoesNotExist makes a write create-only, GenerationMatch holds it to the version
//     that was read; a failed one gives 412 (https://cloud.google.com/storage/docs/request-preconditions).
//   - The client retries only what is idempotent: a write or delete only under
//     DoesNotExist or GenerationMatch (https://cloud.google.com/storage/docs/retry-strategy).
//   - Reading an object and asking for its attributes are two requests; a Reader brings
//     the generation that it reads in its Attrs.
var gcpStorageModel = Model{
	Name:     "Google Cloud Storage",
	Packages: []string{gcpStorage},
	Calls: said("Google Cloud Storage", "storage v1.70.0", concat(
		gcpStorageHandles,
		gcpStorageObjects,
	)...),
}

const gcpStorage = gcp + "storage"

func gcsObject(name string) string { return method(gcpStorage, "ObjectHandle", name) }

var gcpStorageHandles = concat(
	[]Call{
		{Func: fn(gcpStorage, "NewClient"), Role: Client, Key: paths("arg0")},
		{Func: fn(gcpStorage, "NewGRPCClient"), Role: Client, Key: paths("arg0")},
		{Func: method(gcpStorage, "Client", "Bucket"), Role: Address, Key: paths("recv", "arg0")},
		{Func: method(gcpStorage, "BucketHandle", "Object"), Role: Address, Key: paths("recv", "arg0")},
		// One generation of the object: what is read there never changes, but written
		// back it is a read-modify-write all the same.
		{
			Func: gcsObject("If"), Role: Same, Value: paths("recv"),
			IfMatch:     paths("arg0.GenerationMatch", "arg0.MetagenerationMatch"),
			IfNoneMatch: paths("arg0.GenerationNotMatch"),
			Conditions:  paths("arg0.DoesNotExist", "arg0.MetagenerationNotMatch"),
		},
		{Func: gcsObject("Generation"), Role: Same, Value: paths("recv")},
		// What is written to it goes to the object: the write happens at Close.
		{Func: gcsObject("NewWriter"), Role: Address, Key: paths("recv")},
		{Func: gcsObject("CopierFrom"), Role: Address, Key: paths("recv")},
		{Func: gcsObject("ComposerFrom"), Role: Address, Key: paths("recv")},
		{Func: method(gcpStorage, "BucketHandle", "Objects"), Role: List, Key: paths("recv"), Content: paths("ret0")},
	},
	handles(gcpStorage, "BucketHandle", "Retryer", "UserProject"),
	handles(gcpStorage, "ObjectHandle", "Key", "ReadCompressed", "Retryer", "SoftDeleted", "OverrideUnlockedRetention"),
)

var gcpStorageObjects = concat(
	remote(
		Call{
			Func: gcsObject("NewReader"), Role: Read, Key: paths("recv"), Content: paths("ret0"),
			Version: paths("ret0.Attrs.Generation"), Bulk: true,
		},
		Call{
			Func: gcsObject("NewRangeReader"), Role: Read, Key: paths("recv"), Content: paths("ret0"),
			Version: paths("ret0.Attrs.Generation"), Bulk: true,
		},
		Call{
			Func: gcsObject("Attrs"), Role: Read, Key: paths("recv"), Content: paths("ret0"),
			Version: paths("ret0.Generation"), Facet: FacetProperties,
		},
		Call{
			Func: gcsObject("Update"), Role: Write, Key: paths("recv"), Value: paths("arg1"),
			Version: paths("ret0.Metageneration"), Facet: FacetMetadata,
		},
		Call{Func: gcsObject("Delete"), Role: Remove, Key: paths("recv")},
		// The whole copy, in as many requests as it takes.
		Call{
			Func: method(gcpStorage, "Copier", "Run"), Role: Write, Key: paths("recv"), Value: paths("recv"),
			Version: paths("ret0.Generation"), Bulk: true,
		},
		Call{
			Func: method(gcpStorage, "Composer", "Run"), Role: Write, Key: paths("recv"), Value: paths("recv"),
			Version: paths("ret0.Generation"), Bulk: true,
		},
	),
	[]Call{
		// Bounded by the context that NewWriter was given.
		{Func: method(gcpStorage, "Writer", "Close"), Role: Write, Key: paths("recv"), Value: paths("recv"), Bulk: true},
	},
)
