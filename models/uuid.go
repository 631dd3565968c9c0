package models

// Identifiers that are new at each call. Those computed from their arguments
// (NewSHA1, NewMD5, NewV3, NewV5, NewHash, NewV8, FromParts) and the parsers are left
// out on purpose: the engine takes an unknown function's result to depend on its
// arguments, which is just right for them. So are those that read a reader they are
// given. None opens the gate: an identifier alone is no window.
var uuidModel = Model{
	Name: "identifier libraries",
	Calls: concat(
		fresh("uuid", "github.com/google/uuid",
			"New", "NewString", "NewRandom", "NewUUID", "NewV6", "NewV7",
			"NewDCESecurity", "NewDCEPerson", "NewDCEGroup"),
		fresh("uuid", "github.com/gofrs/uuid", "NewV1", "NewV4", "NewV6", "NewV7"),
		fresh("uuid", "github.com/gofrs/uuid/v5",
			"NewV1", "NewV4", "NewV6", "NewV7",
			// Random bits beside the given time.
			"NewV1AtTime", "NewV6AtTime", "NewV7AtTime"),
		// xid's NewWithTime adds the machine, the process and a counter.
		fresh("xid", "github.com/rs/xid", "New", "NewWithTime"),
		fresh("ulid", "github.com/oklog/ulid/v2", "Make", "MustNewDefault"),
		fresh("ksuid", "github.com/segmentio/ksuid", "New", "NewRandom", "NewRandomWithTime"),
		// NewWithNamespace("") is random, but with a name it is computed from it.
		fresh("shortuuid", "github.com/lithammer/shortuuid/v4", "New", "NewWithAlphabet", "NewWithEncoder"),
		fresh("nanoid", "github.com/matoous/go-nanoid/v2", "New", "Must", "Generate", "MustGenerate"),
		[]Call{
			{Func: "github.com/google/uuid.Must", Role: Same, System: "uuid", Source: "github.com/google/uuid", Value: paths("arg0")},
			{Func: "github.com/gofrs/uuid.Must", Role: Same, System: "uuid", Source: "github.com/gofrs/uuid", Value: paths("arg0")},
			{Func: "github.com/gofrs/uuid/v5.Must", Role: Same, System: "uuid", Source: "github.com/gofrs/uuid/v5", Value: paths("arg0")},
		},
	),
}

func fresh(system, pkg string, names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{Func: fn(pkg, n), Role: Fresh, System: system, Source: pkg, Fresh: Random})
	}
	return calls
}
