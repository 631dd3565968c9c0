package models

import "strings"

// What the AWS SDKs have in common. The second one has clients whose operations take a
// context and an input; the first one has, for each operation, a form with a context and
// one without, and an interface for the whole client that people mock and embed.
//
// The operations are written once, for both: "in" stands for the input.

const (
	awsV1 = "github.com/aws/aws-sdk-go/"
	awsV2 = "github.com/aws/aws-sdk-go-v2/"
)

// awsOperations spells the operations of a client of the second SDK.
func awsOperations(pkg string, ops []Call) []Call {
	var calls []Call
	for _, c := range ops {
		calls = append(calls, awsInput("arg1", method(pkg, "Client", c.Func), c))
	}
	return remote(calls...)
}

// awsOldOperations spells the operations of a client of the first SDK: the methods of the
// client itself and those of its interface, with a context and without.
func awsOldOperations(pkg, client, iface string, ops []Call) []Call {
	var plain, bounded []Call
	for _, c := range ops {
		for _, prefix := range []string{"(*" + pkg + "." + client + ").", "(" + iface + ")."} {
			plain = append(plain, awsInput("arg0", prefix+c.Func, c))
			bounded = append(bounded, awsInput("arg1", prefix+c.Func+"WithContext", c))
		}
	}
	return concat(plain, remote(bounded...))
}

// awsInput is an operation under its full name, with its input at the given argument.
func awsInput(input Path, name string, c Call) Call {
	one := func(p Path) Path {
		if rest, ok := strings.CutPrefix(string(p), "in"); ok && (rest == "" || rest[0] == '.') {
			return input + Path(rest)
		}
		return p
	}
	many := func(ps []Path) []Path {
		var list []Path
		for _, p := range ps {
			list = append(list, one(p))
		}
		return list
	}
	c.Func = name
	c.Key, c.Value, c.Content, c.Version = many(c.Key), many(c.Value), many(c.Content), many(c.Version)
	c.IfMatch, c.IfNoneMatch, c.Conditions = many(c.IfMatch), many(c.IfNoneMatch), many(c.Conditions)
	c.DedupID = many(c.DedupID)
	c.Message, c.Receipt, c.Statement = one(c.Message), one(c.Receipt), one(c.Statement)
	c.Lease.Path, c.Batch.Path = one(c.Lease.Path), one(c.Batch.Path)
	return c
}

// awsClient are the two ways to make a client of the second SDK.
func awsClient(pkg string) []Call {
	return []Call{
		{Func: fn(pkg, "NewFromConfig"), Role: Client, Key: paths("arg0")},
		{Func: fn(pkg, "New"), Role: Client, Key: paths("arg0")},
	}
}

// The SDKs take pointers to strings and numbers; these functions make and read them. A
// nil pointer reads as the zero value.
var awsModel = Model{
	Name: "AWS",
	Calls: concat(
		said("AWS", "aws-sdk-go-v2 v1.47.7 aws/to_ptr.go, aws/from_ptr.go", awsPointers(awsV2+"aws", "To", "")...),
		said("AWS", "aws-sdk-go v1.55.8 aws/convert_types.go", awsPointers(awsV1+"aws", "", "Value")...),
	),
}

// awsPointers are the functions that make a pointer of a value, and those that read it.
func awsPointers(pkg, before, after string) []Call {
	var calls []Call
	same := func(name string) {
		calls = append(calls, Call{Func: fn(pkg, name), Role: Same, Value: paths("arg0")})
	}
	for _, typ := range []string{
		"String", "Bool", "Int", "Int8", "Int16", "Int32", "Int64",
		"Uint", "Uint8", "Uint16", "Uint32", "Uint64", "Float32", "Float64", "Time",
	} {
		for _, shape := range []string{"", "Slice", "Map"} {
			same(typ + shape)
			same(before + typ + after + shape)
		}
	}
	return calls
}
