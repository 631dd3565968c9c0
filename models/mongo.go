package models

// MongoDB, drivers v1 and v2.
//
// Facts that matter:
//   - InsertOne makes an _id where the document has none: a second insert adds a second
//     document. With an _id of the message's, the second one fails with code 11000.
//   - An update is what its operators are: $set is absolute, $inc and $push are relative,
//     $addToSet and $max come to the same when repeated.
//   - A filter that asks for more than the _id (a version, a state) is the precondition:
//     where it matches nothing, the driver returns no error, and MatchedCount is 0.
//   - With SetUpsert(true) an update or a replace inserts what is not there.
//   - Both drivers send a single write again once after a network error, with a number by
//     which the server knows it (retryable writes, on by default): that does no harm.
var mongoModel = Model{
	Name:     "MongoDB",
	Packages: []string{mongoV1, mongoV2},
	Calls: concat(
		said("MongoDB", "https://pkg.go.dev/go.mongodb.org/mongo-driver/mongo v1.17.9", mongoCalls(mongoV1)...),
		said("MongoDB", "https://pkg.go.dev/go.mongodb.org/mongo-driver/v2/mongo v2.10.0", mongoCalls(mongoV2)...),
	),
}

const (
	mongoV1 = "go.mongodb.org/mongo-driver/mongo"
	mongoV2 = "go.mongodb.org/mongo-driver/v2/mongo"
)

var mongoID = []string{"ID"}

func mongoCalls(pkg string) []Call {
	coll := func(name string) string { return method(pkg, "Collection", name) }
	filtered := paths("recv", "arg1")
	return concat(
		[]Call{
			{Func: method(pkg, "Client", "Database"), Role: Address, Key: paths("recv", "arg0")},
			{Func: method(pkg, "Database", "Collection"), Role: Address, Key: paths("recv", "arg0")},
			{Func: method(pkg, "SingleResult", "Decode"), Role: Same, Value: paths("recv"), Content: paths("arg0")},
			{Func: method(pkg, "Cursor", "Decode"), Role: Same, Value: paths("recv"), Content: paths("arg0")},
			{Func: method(pkg, "Cursor", "All"), Role: Same, Value: paths("recv"), Content: paths("arg1")},
		},
		remote(
			Call{Func: coll("InsertOne"), Role: Create, Key: paths("recv"), KeyIn: mongoID, Value: paths("arg1"), FixedVerb: insertSQL},
			Call{Func: coll("InsertMany"), Role: Create, Key: paths("recv"), KeyIn: mongoID, Value: paths("arg1"), FixedVerb: insertSQL},
			Call{Func: coll("UpdateOne"), Role: Write, Key: filtered, Value: paths("arg2")},
			Call{Func: coll("UpdateMany"), Role: Write, Key: filtered, Value: paths("arg2")},
			Call{Func: coll("UpdateByID"), Role: Write, Key: filtered, Value: paths("arg2")},
			Call{Func: coll("ReplaceOne"), Role: Write, Key: filtered, Value: paths("arg2")},
			Call{Func: coll("FindOneAndUpdate"), Role: Write, Key: filtered, Value: paths("arg2")},
			Call{Func: coll("FindOneAndReplace"), Role: Write, Key: filtered, Value: paths("arg2")},
			Call{Func: coll("FindOneAndDelete"), Role: Remove, Key: filtered},
			Call{Func: coll("DeleteOne"), Role: Remove, Key: filtered},
			Call{Func: coll("DeleteMany"), Role: Remove, Key: filtered},
			Call{Func: coll("FindOne"), Role: Read, Key: filtered, Content: paths("ret0")},
			Call{Func: coll("CountDocuments"), Role: Read, Key: filtered, Content: paths("ret0")},
			Call{Func: coll("Find"), Role: List, Key: filtered, Content: paths("ret0")},
			Call{Func: coll("Aggregate"), Role: List, Key: filtered, Content: paths("ret0")},
		),
	)
}
