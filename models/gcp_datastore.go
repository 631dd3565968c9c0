package models

// Google Datastore and BigQuery.
//
// Facts that matter:
//   - Put inserts or replaces, without a condition. An incomplete key gets a new id from
//     the service at each Put (https://pkg.go.dev/cloud.google.com/go/datastore#Client.Put).
//   - A transaction is refused with ErrConcurrentTransaction where what it read was
//     changed before its commit, and RunInTransaction calls its function again: each write
//     in it has a precondition.
//   - BigQuery's streaming insert appends. Rows with an InsertID that came within the last
//     minute are dropped, at best effort; the Inserter makes up a random one for rows that
//     have none, which holds for its own retries alone
//     (https://cloud.google.com/bigquery/docs/streaming-data-into-bigquery#dataconsistency).
var gcpDatastoreModel = Model{
	Name:     "Google Datastore",
	Packages: []string{gcpDatastore},
	Calls: said("Google Datastore", "datastore v1.28.1", concat(
		gcpDatastoreKeys,
		remote(gcpDatastoreClient...),
		gcpDatastoreTransaction,
	)...),
}

var gcpBigqueryModel = Model{
	Name:     "Google BigQuery",
	Packages: []string{gcpBigquery},
	Calls: said("Google BigQuery", "bigquery v1.86.2", []Call{
		{Func: fn(gcpBigquery, "NewClient"), Role: Client, Key: paths("arg1")},
		{Func: method(gcpBigquery, "Client", "Dataset"), Role: Address, Key: paths("recv", "arg0")},
		{Func: method(gcpBigquery, "Client", "DatasetInProject"), Role: Address, Key: paths("recv", "arg0", "arg1")},
		{Func: method(gcpBigquery, "Dataset", "Table"), Role: Address, Key: paths("recv", "arg0")},
		{Func: method(gcpBigquery, "Table", "Inserter"), Role: Address, Key: paths("recv")},
		{Func: method(gcpBigquery, "Table", "Uploader"), Role: Address, Key: paths("recv")},
		{Func: method(gcpBigquery, "Inserter", "Put"), Role: Append, Key: paths("recv"), Value: paths("arg1"), Under: "arg0"},
	}...),
}

const (
	gcpDatastore = gcp + "datastore"
	gcpBigquery  = gcp + "bigquery"
)

func dsClient(name string) string { return method(gcpDatastore, "Client", name) }
func dsTx(name string) string     { return method(gcpDatastore, "Transaction", name) }

// Keys stand without their client: inside a transaction there is none.
var gcpDatastoreKeys = []Call{
	{Func: fn(gcpDatastore, "NewClient"), Role: Client, Key: paths("arg1")},
	{Func: fn(gcpDatastore, "NewClientWithDatabase"), Role: Client, Key: paths("arg1", "arg2")},
	{Func: fn(gcpDatastore, "NameKey"), Role: Address, Key: paths("arg2", "arg0", "arg1")},
	{Func: fn(gcpDatastore, "IDKey"), Role: Address, Key: paths("arg2", "arg0", "arg1")},
	// Each Put with it makes another entity.
	{Func: fn(gcpDatastore, "IncompleteKey"), Role: Fresh, Fresh: Random},
}

var gcpDatastoreClient = []Call{
	{Func: dsClient("Get"), Role: Read, Key: paths("arg1"), Content: paths("arg2")},
	{Func: dsClient("GetMulti"), Role: Read, Key: paths("arg1[]"), Content: paths("arg2")},
	{Func: dsClient("GetAll"), Role: List, Key: paths("arg1"), Content: paths("arg2")},
	{Func: dsClient("Run"), Role: List, Key: paths("arg1"), Content: paths("ret0")},
	{Func: dsClient("Put"), Role: Write, Key: paths("arg1"), Value: paths("arg2")},
	{Func: dsClient("PutMulti"), Role: Write, Key: paths("arg1[]"), Value: paths("arg2")},
	{Func: dsClient("Delete"), Role: Remove, Key: paths("arg1")},
	{Func: dsClient("DeleteMulti"), Role: Remove, Key: paths("arg1[]")},
}

var gcpDatastoreTransaction = []Call{
	{Func: dsTx("Get"), Role: Read, Key: paths("arg0"), Content: paths("arg1")},
	{Func: dsTx("GetMulti"), Role: Read, Key: paths("arg0[]"), Content: paths("arg1")},
	{Func: dsTx("Put"), Role: Write, Key: paths("arg0"), Value: paths("arg1"), Conditions: paths("recv")},
	{Func: dsTx("PutMulti"), Role: Write, Key: paths("arg0[]"), Value: paths("arg1"), Conditions: paths("recv")},
	{Func: dsTx("Delete"), Role: Remove, Key: paths("arg0"), Conditions: paths("recv")},
	{Func: dsTx("DeleteMulti"), Role: Remove, Key: paths("arg0[]"), Conditions: paths("recv")},
}
