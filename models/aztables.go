package models

// Azure Table Storage (and Cosmos DB's Table API), one row an entity.
//
// Facts that matter, all read in the SDK's client.go and transactional_batch.go:
//   - UpdateEntity and DeleteEntity with a nil IfMatch send If-Match: *, which is no
//     condition. The SDK even stores the "*" in the caller's options: an options value
//     used for a second call no longer has a nil IfMatch.
//   - UpsertEntity ignores UpsertEntityOptions.ETag: it cannot be made conditional.
//   - Options without an UpdateMode are refused by the SDK (no default for "").
//   - In SubmitTransaction a nil IfMatch means * for a delete, but for an update it
//     means no header at all: the update becomes an upsert, unlike UpdateEntity.
//   - A row that already exists: 409 EntityAlreadyExists; a stale ETag: 412
//     UpdateConditionNotSatisfied; inside a transaction both surface with status 202
//     and an empty code.
var aztablesModel = Model{
	Name:     "Azure Table Storage",
	Packages: []string{aztables},
	Calls: said("Azure Table Storage", "sdk/data/aztables v1.4.1 client.go", concat(
		constructors(aztables, "NewServiceClient", withSharedKey, 0),
		aztablesClients,
		remote(aztablesRequests...),
	)...),
}

const (
	aztables            = azureSDK + "data/aztables"
	aztablesTransaction = "sdk/data/aztables v1.4.1 transactional_batch.go"
)

// The table's own client takes the table's URL and has no form for connection strings.
var aztablesClients = []Call{
	{Func: fn(aztables, "NewClient"), Role: Client, Key: paths("arg0"), Retry: "arg2.ClientOptions.Retry"},
	{Func: fn(aztables, "NewClientWithNoCredential"), Role: Client, Key: paths("arg0"), Retry: "arg1.ClientOptions.Retry"},
	{Func: fn(aztables, "NewClientWithSharedKey"), Role: Client, Key: paths("arg0"), Retry: "arg2.ClientOptions.Retry"},
	{Func: method(aztables, "ServiceClient", "NewClient"), Role: Address, Key: paths("recv", "arg0")},
	{Func: method(aztables, "Client", "NewListEntitiesPager"), Role: List, Key: paths("recv"), Content: paths("ret0")},
	{Func: method(aztables, "ServiceClient", "NewListTablesPager"), Role: List, Key: paths("recv"), Content: paths("ret0")},
}

var aztablesRowKey = []string{"PartitionKey", "RowKey"}

var aztablesRequests = []Call{
	{
		Func: method(aztables, "Client", "AddEntity"), Role: Create,
		Key: paths("recv"), KeyIn: aztablesRowKey, Value: paths("arg1"), Version: paths("ret0.ETag"),
	},
	{
		Func: method(aztables, "Client", "UpdateEntity"), Role: Write,
		Key: paths("recv"), KeyIn: aztablesRowKey, Value: paths("arg1"), Version: paths("ret0.ETag"),
		IfMatch: paths("arg2.IfMatch"), IfMatchDefault: "*",
	},
	{
		Func: method(aztables, "Client", "UpsertEntity"), Role: Write,
		Key: paths("recv"), KeyIn: aztablesRowKey, Value: paths("arg1"), Version: paths("ret0.ETag"),
	},
	{
		Func: method(aztables, "Client", "DeleteEntity"), Role: Remove,
		Key: paths("recv", "arg1", "arg2"), IfMatch: paths("arg3.IfMatch"), IfMatchDefault: "*",
	},
	{
		Func: method(aztables, "Client", "GetEntity"), Role: Read,
		Key: paths("recv", "arg1", "arg2"), Content: paths("ret0.Value"), Version: paths("ret0.ETag"),
	},
	{
		// All or nothing, for up to 100 rows of one partition.
		Func: method(aztables, "Client", "SubmitTransaction"), Role: Write,
		Key: paths("recv"), KeyIn: aztablesRowKey, Value: paths("arg1[].Entity"),
		IfMatch: paths("arg1[].IfMatch"),
		Action:  "arg1[].ActionType",
		Actions: map[string]Role{
			`"add"`:           Create,
			`"updatemerge"`:   Write,
			`"updatereplace"`: Write,
			`"insertmerge"`:   Write,
			`"insertreplace"`: Write,
			`"delete"`:        Remove,
		},
		Source: aztablesTransaction,
	},

	// 409 TableAlreadyExists where it exists.
	{Func: method(aztables, "Client", "CreateTable"), Role: Create, Key: paths("recv")},
	{Func: method(aztables, "ServiceClient", "CreateTable"), Role: Create, Key: paths("recv", "arg1")},
	{Func: method(aztables, "Client", "Delete"), Role: Remove, Key: paths("recv")},
	{Func: method(aztables, "ServiceClient", "DeleteTable"), Role: Remove, Key: paths("recv", "arg1")},
	{Func: method(aztables, "Client", "SetAccessPolicy"), Role: Write, Key: paths("recv"), Value: paths("arg1.TableACL"), Facet: FacetPolicy},
	{Func: method(aztables, "Client", "GetAccessPolicy"), Role: Read, Key: paths("recv"), Content: paths("ret0"), Facet: FacetPolicy},
	{Func: method(aztables, "ServiceClient", "SetProperties"), Role: Write, Key: paths("recv"), Value: paths("arg1"), Facet: FacetSettings},
	{Func: method(aztables, "ServiceClient", "GetProperties"), Role: Read, Key: paths("recv"), Content: paths("ret0"), Facet: FacetSettings},
}
