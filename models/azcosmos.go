package models

// Azure Cosmos DB for NoSQL.
//
// Facts that matter:
//   - An item is addressed by container, partition key and id; CreateItem and UpsertItem
//     take the id from the item itself. A second create gives 409, a stale ETag 412.
//   - IfMatchEtag is the only condition; there is no IfNoneMatch for items.
//   - A patch is what its operations are: an increment is relative, a set is not. The
//     patch may carry a condition of its own, a filter the service checks.
//   - ExecuteTransactionalBatch returns no error where the batch was refused as a
//     whole: TransactionalBatchResponse.Success tells.
//   - Beside azcore's retries there is a policy for other regions, on DNS errors, 503
//     and 403, up to 120 times a second apart.
var azcosmosModel = Model{
	Name:     "Azure Cosmos DB",
	Packages: []string{azcosmos},
	Calls: said("Azure Cosmos DB", "sdk/data/azcosmos v1.4.1", concat(
		azcosmosClients,
		remote(azcosmosItems...),
		azcosmosBatch,
		remote(azcosmosAdmin...),
	)...),
}

const azcosmos = azureSDK + "data/azcosmos"

func ccont(name string) string { return method(azcosmos, "ContainerClient", name) }
func cbatch(name string) string {
	return method(azcosmos, "TransactionalBatch", name)
}

var azcosmosClients = []Call{
	{Func: fn(azcosmos, "NewClient"), Role: Client, Key: paths("arg0"), Retry: "arg2.ClientOptions.Retry"},
	{Func: fn(azcosmos, "NewClientWithKey"), Role: Client, Key: paths("arg0"), Retry: "arg2.ClientOptions.Retry"},
	{Func: fn(azcosmos, "NewClientFromConnectionString"), Role: Client, Key: paths("arg0"), Retry: "arg1.ClientOptions.Retry"},
	{Func: method(azcosmos, "Client", "NewDatabase"), Role: Address, Key: paths("recv", "arg0")},
	{Func: method(azcosmos, "Client", "NewContainer"), Role: Address, Key: paths("recv", "arg0", "arg1")},
	{Func: method(azcosmos, "DatabaseClient", "NewContainer"), Role: Address, Key: paths("recv", "arg0")},
	{Func: ccont("NewTransactionalBatch"), Role: Address, Key: paths("recv", "arg0")},

	{Func: fn(azcosmos, "NewPartitionKeyString"), Role: Same, Value: paths("arg0")},
	{Func: fn(azcosmos, "NewPartitionKeyNumber"), Role: Same, Value: paths("arg0")},
	{Func: fn(azcosmos, "NewPartitionKeyBool"), Role: Same, Value: paths("arg0")},
	{Func: "(" + azcosmos + ".PartitionKey).AppendString", Role: Address, Key: paths("recv", "arg0")},
	{Func: "(" + azcosmos + ".PartitionKey).AppendNumber", Role: Address, Key: paths("recv", "arg0")},
	{Func: "(" + azcosmos + ".PartitionKey).AppendBool", Role: Address, Key: paths("recv", "arg0")},

	{Func: ccont("NewQueryItemsPager"), Role: List, Key: paths("recv", "arg1"), Content: paths("ret0")},
	{Func: method(azcosmos, "Client", "NewQueryDatabasesPager"), Role: List, Key: paths("recv"), Content: paths("ret0")},
	{Func: method(azcosmos, "DatabaseClient", "NewQueryContainersPager"), Role: List, Key: paths("recv"), Content: paths("ret0")},
}

var (
	azcosmosID      = []string{"id"}
	azcosmosVersion = paths("ret0.Response.ETag")
)

var azcosmosItems = []Call{
	{
		Func: ccont("CreateItem"), Role: Create, Key: paths("recv", "arg1"), KeyIn: azcosmosID,
		Value: paths("arg2"), Version: azcosmosVersion,
	},
	{
		Func: ccont("UpsertItem"), Role: Write, Key: paths("recv", "arg1"), KeyIn: azcosmosID,
		Value: paths("arg2"), Version: azcosmosVersion, IfMatch: paths("arg3.IfMatchEtag"),
	},
	{
		Func: ccont("ReplaceItem"), Role: Write, Key: paths("recv", "arg1", "arg2"),
		Value: paths("arg3"), Version: azcosmosVersion, IfMatch: paths("arg4.IfMatchEtag"),
	},
	{
		Func: ccont("PatchItem"), Role: Write, Key: paths("recv", "arg1", "arg2"), Commits: "arg3",
		Value: paths("arg3"), Version: azcosmosVersion, IfMatch: paths("arg4.IfMatchEtag"),
	},
	{
		Func: ccont("DeleteItem"), Role: Remove, Key: paths("recv", "arg1", "arg2"),
		IfMatch: paths("arg3.IfMatchEtag"),
	},
	{
		Func: ccont("ReadItem"), Role: Read, Key: paths("recv", "arg1", "arg2"),
		Content: paths("ret0.Value"), Version: azcosmosVersion,
	},
	{
		Func: ccont("ExecuteTransactionalBatch"), Role: Write, Key: paths("recv"), Commits: "arg1",
		Version: paths("ret0.OperationResults[].ETag"),
	},
}

// azcosmosBatch are the operations prepared for a patch or a batch; the batch names
// container and partition (NewTransactionalBatch), the operation the item.
var azcosmosBatch = []Call{
	// Its options are ignored: a create needs no condition.
	{Func: cbatch("CreateItem"), Role: Stage, Staged: Create, Key: paths("recv"), KeyIn: azcosmosID, Value: paths("arg0")},
	{
		Func: cbatch("UpsertItem"), Role: Stage, Staged: Write, Key: paths("recv"), KeyIn: azcosmosID,
		Value: paths("arg0"), IfMatch: paths("arg1.IfMatchETag"),
	},
	{
		Func: cbatch("ReplaceItem"), Role: Stage, Staged: Write, Key: paths("recv", "arg0"),
		Value: paths("arg1"), IfMatch: paths("arg2.IfMatchETag"),
	},
	{
		Func: cbatch("PatchItem"), Role: Stage, Staged: Write, Key: paths("recv", "arg0"), Commits: "arg1",
		Value: paths("arg1"), IfMatch: paths("arg2.IfMatchETag"),
	},
	{Func: cbatch("DeleteItem"), Role: Stage, Staged: Remove, Key: paths("recv", "arg0"), IfMatch: paths("arg1.IfMatchETag")},
	{Func: cbatch("ReadItem"), Role: Stage, Staged: Read, Key: paths("recv", "arg0")},

	// A patch operation's key is the patch and the field's path.
	// The server checks it in the same operation as the patch:
	// learn.microsoft.com/azure/cosmos-db/partial-document-update.
	{
		Func: method(azcosmos, "PatchOperations", "SetCondition"), Role: Stage, Staged: Condition, Content: paths("recv"),
		Value: paths("arg0"),
	},
	{
		Func: method(azcosmos, "PatchOperations", "AppendIncrement"), Role: Stage, Staged: Write, Content: paths("recv"),
		Key: paths("recv", "arg0"), Value: paths("arg1"), Relative: true,
	},
	// Sets a property, but inserts into an array where the path ends in an index or "-".
	{
		Func: method(azcosmos, "PatchOperations", "AppendAdd"), Role: Stage, Staged: Write, Content: paths("recv"),
		Key: paths("recv", "arg0"), Value: paths("arg1"),
	},
	{
		Func: method(azcosmos, "PatchOperations", "AppendSet"), Role: Stage, Staged: Write, Content: paths("recv"),
		Key: paths("recv", "arg0"), Value: paths("arg1"),
	},
	{
		Func: method(azcosmos, "PatchOperations", "AppendReplace"), Role: Stage, Staged: Write, Content: paths("recv"),
		Key: paths("recv", "arg0"), Value: paths("arg1"),
	},
	{
		Func: method(azcosmos, "PatchOperations", "AppendRemove"), Role: Stage, Staged: Remove, Content: paths("recv"),
		Key: paths("recv", "arg0"),
	},
}

// azcosmosAdmin are databases, containers and their throughput: 409 where one exists.
var azcosmosAdmin = []Call{
	{Func: method(azcosmos, "Client", "CreateDatabase"), Role: Create, Key: paths("recv", "arg1.ID"), Value: paths("arg1"), Version: azcosmosVersion},
	{Func: method(azcosmos, "DatabaseClient", "CreateContainer"), Role: Create, Key: paths("recv", "arg1.ID"), Value: paths("arg1"), Version: azcosmosVersion},
	{
		Func: method(azcosmos, "DatabaseClient", "Read"), Role: Read, Key: paths("recv"), Facet: FacetProperties,
		Content: paths("ret0.DatabaseProperties"), Version: azcosmosVersion,
		IfMatch: paths("arg1.IfMatchEtag"), IfNoneMatch: paths("arg1.IfNoneMatchEtag"),
	},
	{
		Func: method(azcosmos, "DatabaseClient", "Delete"), Role: Remove, Key: paths("recv"),
		IfMatch: paths("arg1.IfMatchEtag"), IfNoneMatch: paths("arg1.IfNoneMatchEtag"),
	},
	{Func: ccont("Read"), Role: Read, Key: paths("recv"), Facet: FacetSettings, Content: paths("ret0.ContainerProperties"), Version: azcosmosVersion},
	{Func: ccont("Replace"), Role: Write, Key: paths("recv"), Facet: FacetSettings, Value: paths("arg1"), Version: azcosmosVersion},
	{Func: ccont("Delete"), Role: Remove, Key: paths("recv")},
	throughput(ccont("ReadThroughput"), Read), throughput(ccont("ReplaceThroughput"), Write),
	throughput(method(azcosmos, "DatabaseClient", "ReadThroughput"), Read),
	throughput(method(azcosmos, "DatabaseClient", "ReplaceThroughput"), Write),
}

func throughput(name string, role Role) Call {
	c := Call{Func: name, Role: role, Key: paths("recv"), Facet: FacetThroughput, Version: azcosmosVersion}
	opts := Path("arg1")
	if role == Write {
		opts = "arg2"
		c.Value = paths("arg1")
	} else {
		c.Content = paths("ret0.ThroughputProperties")
	}
	c.IfMatch = paths(opts + ".IfMatchEtag")
	c.IfNoneMatch = paths(opts + ".IfNoneMatchEtag")
	return c
}
