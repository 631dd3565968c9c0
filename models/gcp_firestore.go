package models

// Google Firestore.
//
// Facts that matter:
//   - Set replaces a document (or merges into it, with MergeAll), Create fails with
//     AlreadyExists where it exists, Update with NotFound where it does not. Update and
//     Delete take preconditions; LastUpdateTime is the version
//     (https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#precondition).
//   - Increment, ArrayUnion and ArrayRemove are applied by the service. The union and the
//     removal give the same when they are repeated, the increment does not.
//   - A transaction is refused where a document that it read was changed before its
//     commit, and RunTransaction calls its function again: each write in it has a
//     precondition. Its writes are seen together, after the function returned.
//   - Add and NewDoc take a new random name.
//   - A BulkWriter sends by itself; the error comes with the job's Results.
var gcpFirestoreModel = Model{
	Name:     "Google Firestore",
	Packages: []string{gcpFirestore},
	Calls: said("Google Firestore", "firestore v1.29.2", concat(
		gcpFirestoreRefs,
		gcpFirestoreDocs,
		gcpFirestoreTransaction,
		gcpFirestoreBatches,
	)...),
}

const gcpFirestore = gcp + "firestore"

func fsDoc(name string) string { return method(gcpFirestore, "DocumentRef", name) }
func fsTx(name string) string  { return method(gcpFirestore, "Transaction", name) }

var gcpFirestoreRefs = []Call{
	{Func: fn(gcpFirestore, "NewClient"), Role: Client, Key: paths("arg1")},
	{Func: fn(gcpFirestore, "NewClientWithDatabase"), Role: Client, Key: paths("arg1", "arg2")},
	{Func: fn(gcpFirestore, "NewRESTClient"), Role: Client, Key: paths("arg1")},
	{Func: method(gcpFirestore, "Client", "Collection"), Role: Address, Key: paths("recv", "arg0")},
	{Func: method(gcpFirestore, "Client", "Doc"), Role: Address, Key: paths("recv", "arg0")},
	{Func: method(gcpFirestore, "CollectionRef", "Doc"), Role: Address, Key: paths("recv", "arg0")},
	{Func: fsDoc("Collection"), Role: Address, Key: paths("recv", "arg0")},
	{Func: method(gcpFirestore, "CollectionRef", "NewDoc"), Role: Fresh, Fresh: Random},
	{Func: fsDoc("WithReadOptions"), Role: Same, Value: paths("recv")},
	{Func: method(gcpFirestore, "CollectionRef", "WithReadOptions"), Role: Same, Value: paths("recv")},
	{Func: fn(gcpFirestore, "LastUpdateTime"), Role: Same, Value: paths("arg0")},
	{Func: "(" + gcpFirestore + ".Query).Documents", Role: List, Key: paths("recv"), Content: paths("ret0"), Under: "arg0"},
	{Func: method(gcpFirestore, "CollectionRef", "DocumentRefs"), Role: List, Key: paths("recv"), Content: paths("ret0"), Under: "arg0"},

	// An increment inside what Update or Set is given.
	{Func: fn(gcpFirestore, "Increment"), Role: Stage, Staged: Write, Relative: true, Key: paths("arg0"), Value: paths("ret0")},
	{Func: fn(gcpFirestore, "FieldTransformIncrement"), Role: Stage, Staged: Write, Relative: true, Key: paths("arg0"), Value: paths("ret0")},
}

var gcpFirestoreDocs = remote(
	Call{
		Func: fsDoc("Get"), Role: Read, Key: paths("recv"), Content: paths("ret0"), Version: paths("ret0.UpdateTime"),
	},
	Call{Func: method(gcpFirestore, "Client", "GetAll"), Role: Read, Key: paths("arg1[]"), Content: paths("ret0"), Version: paths("ret0[].UpdateTime")},
	Call{Func: fsDoc("Create"), Role: Create, Key: paths("recv"), Value: paths("arg1"), Version: paths("ret0.UpdateTime")},
	Call{Func: fsDoc("Set"), Role: Write, Key: paths("recv"), Value: paths("arg1"), Version: paths("ret0.UpdateTime")},
	Call{
		Func: fsDoc("Update"), Role: Write, Key: paths("recv"), Value: paths("arg1"), Commits: "arg1",
		Version: paths("ret0.UpdateTime"), IfMatch: paths("arg2[]"),
	},
	Call{Func: fsDoc("Delete"), Role: Remove, Key: paths("recv"), IfMatch: paths("arg1[]")},
	// Each has a name of its own, which the service does not know before.
	Call{Func: method(gcpFirestore, "CollectionRef", "Add"), Role: Append, Key: paths("recv"), Value: paths("arg1"), Version: paths("ret1.UpdateTime")},
)

// What a transaction writes is checked against what it read: the transaction is the
// condition.
var gcpFirestoreTransaction = []Call{
	{Func: fsTx("Get"), Role: Read, Key: paths("arg0"), Content: paths("ret0"), Version: paths("ret0.UpdateTime")},
	{Func: fsTx("GetAll"), Role: Read, Key: paths("arg0[]"), Content: paths("ret0"), Version: paths("ret0[].UpdateTime")},
	{Func: fsTx("Documents"), Role: List, Key: paths("arg0"), Content: paths("ret0")},
	{Func: fsTx("DocumentRefs"), Role: List, Key: paths("arg0"), Content: paths("ret0")},
	{Func: fsTx("Create"), Role: Create, Key: paths("arg0"), Value: paths("arg1"), Conditions: paths("recv")},
	{Func: fsTx("Set"), Role: Write, Key: paths("arg0"), Value: paths("arg1"), Conditions: paths("recv")},
	{
		Func: fsTx("Update"), Role: Write, Key: paths("arg0"), Value: paths("arg1"), Commits: "arg1",
		IfMatch: paths("arg2[]"), Conditions: paths("recv"),
	},
	{Func: fsTx("Delete"), Role: Remove, Key: paths("arg0"), IfMatch: paths("arg1[]"), Conditions: paths("recv")},
}

var gcpFirestoreBatches = []Call{
	{Func: method(gcpFirestore, "WriteBatch", "Create"), Role: Stage, Staged: Create, Key: paths("arg0"), Value: paths("arg1"), Content: paths("recv")},
	{Func: method(gcpFirestore, "WriteBatch", "Set"), Role: Stage, Staged: Write, Key: paths("arg0"), Value: paths("arg1"), Content: paths("recv")},
	{
		Func: method(gcpFirestore, "WriteBatch", "Update"), Role: Stage, Staged: Write, Key: paths("arg0"), Value: paths("arg1"),
		Content: paths("recv"), IfMatch: paths("arg2[]"),
	},
	{
		Func: method(gcpFirestore, "WriteBatch", "Delete"), Role: Stage, Staged: Remove, Key: paths("arg0"),
		Value: paths("arg0"), Content: paths("recv"), IfMatch: paths("arg1[]"),
	},
	{Func: method(gcpFirestore, "WriteBatch", "Commit"), Role: Write, Key: paths("recv"), Commits: "recv", Under: "arg0"},

	{Func: method(gcpFirestore, "BulkWriter", "Create"), Role: Create, Key: paths("arg0"), Value: paths("arg1")},
	{Func: method(gcpFirestore, "BulkWriter", "Set"), Role: Write, Key: paths("arg0"), Value: paths("arg1")},
	{Func: method(gcpFirestore, "BulkWriter", "Update"), Role: Write, Key: paths("arg0"), Value: paths("arg1"), Commits: "arg1", IfMatch: paths("arg2[]")},
	{Func: method(gcpFirestore, "BulkWriter", "Delete"), Role: Remove, Key: paths("arg0"), IfMatch: paths("arg1[]")},
}
