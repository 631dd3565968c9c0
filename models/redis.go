package models

// Redis by go-redis, v9 and v8.
//
// Facts that matter:
//   - A list is a queue: LPOP and its blocking kin take the element out before they
//     answer, so that a crash loses it. LMOVE and RPOPLPUSH keep it in a second list,
//     from which LREM takes it when the work is done; nothing brings it back by itself.
//   - A stream with a group keeps what was read pending until XACK. It comes again to who
//     asks for it: by XAUTOCLAIM, XCLAIM, or XREADGROUP from an id. So there is no lease.
//     With NoAck nothing is kept.
//   - SET and its kin overwrite; SET NX, SETNX and HSETNX create. INCR, HINCRBY and so on
//     change what is there, once for each call.
//   - ZADD and SADD put a member into a set: doing it twice is doing it once.
//   - XADD with an explicit id is refused where the stream has come that far.
//   - A script runs alone; what it looks at is not known here, so its text counts as
//     a condition.
//   - Commands given to a Pipeliner are sent by Exec; they have the names of those of the
//     client. All commands of the client are methods of an unexported type, cmdable.
//   - Pub/sub delivers at most once: it opens no window.
var redisModel = Model{
	Name:     "Redis",
	Packages: []string{redisV9, redisV8},
	Calls: said("Redis", redisSource, concat(
		redisClients(redisV9), redisClients(redisV8),
		redisCommands(redisV9, redisSections), redisCommands(redisV9, redisV9Sections),
		redisCommands(redisV8, redisSections), redisCommands(redisV8, redisV8Sections),
		redisAnswers(redisV9, "MapStringStringCmd"), redisAnswers(redisV8, "StringStringMapCmd"),
		redisScripts(redisV9), redisScripts(redisV8),
	)...),
	Messages: []Message{
		{
			Type:     redisV9 + ".XMessage",
			Delivery: []string{"MillisElapsedFromDelivery", "DeliveredCount"},
			Identity: []string{"ID"},
			Count:    "DeliveredCount",
			System:   "Redis stream",
			Source:   redisSource,
		},
		{Type: redisV8 + ".XMessage", Identity: []string{"ID"}, System: "Redis stream", Source: redisSource},
	},
}

const (
	redisV9     = "github.com/redis/go-redis/v9"
	redisV8     = "github.com/go-redis/redis/v8"
	redisSource = "go-redis v9.23.0 *_commands.go, v8.11.5 commands.go; https://redis.io/docs/latest/commands"
)

func redisClients(pkg string) []Call {
	return []Call{
		{Func: fn(pkg, "NewClient"), Role: Client, Key: paths("arg0.Addr", "arg0.DB")},
		{Func: fn(pkg, "NewClusterClient"), Role: Client, Key: paths("arg0.Addrs")},
		{Func: fn(pkg, "NewFailoverClient"), Role: Client, Key: paths("arg0.MasterName", "arg0.DB")},
		{Func: fn(pkg, "NewUniversalClient"), Role: Client, Key: paths("arg0.Addrs", "arg0.DB")},
	}
}

// redisSection are commands that v9 declares in an interface of their own; v8 has them
// all in Cmdable.
type redisSection struct {
	in       string
	commands []Call
}

// redisCommands names each command as the client's method and as the interface's.
func redisCommands(pkg string, sections []redisSection) []Call {
	var calls []Call
	for _, s := range sections {
		in := s.in
		if pkg == redisV8 {
			in = "Cmdable"
		}
		for _, c := range s.commands {
			name := c.Func
			c.Under = "arg0"
			for _, typ := range []string{"cmdable", in} {
				c.Func = ifaceMethod(pkg, typ, name)
				calls = append(calls, c)
			}
		}
	}
	return calls
}

// redisKey is the key of most commands.
var redisKey = paths("recv", "arg1")

// redisRead, redisPop and the others below name commands that differ in nothing else.
func redisRead(key []Path, names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{Func: n, Role: Read, Key: key, Content: paths("ret0")})
	}
	return calls
}

func redisList(names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{Func: n, Role: List, Key: redisKey, Content: paths("ret0")})
	}
	return calls
}

func redisPop(key Path, names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{Func: n, Role: Receive, Key: []Path{"recv", key}, Message: "ret0", Pops: true, System: "Redis list"})
	}
	return calls
}

func redisMove(names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{Func: n, Role: Receive, Key: redisKey, Message: "ret0", System: "Redis list"})
	}
	return calls
}

func redisRemove(key []Path, names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{Func: n, Role: Remove, Key: key})
	}
	return calls
}

func redisExpire(names ...string) []Call {
	var calls []Call
	for _, n := range names {
		calls = append(calls, Call{Func: n, Role: Write, Key: redisKey, Value: paths("arg2"), Facet: FacetExpiry})
	}
	return calls
}

var (
	redisField  = paths("recv", "arg1", "arg2")
	redisFields = paths("recv", "arg1", "arg2[]")
)

var redisSections = []redisSection{
	{"StringCmdable", concat(
		redisRead(redisKey, "Get", "GetEx", "GetRange"),
		[]Call{
			{Func: "MGet", Role: List, Key: paths("recv", "arg1[]"), Content: paths("ret0")},
			{Func: "Set", Role: Write, Key: redisKey, Value: paths("arg2")},
			{Func: "SetXX", Role: Write, Key: redisKey, Value: paths("arg2")},
			{Func: "GetSet", Role: Write, Key: redisKey, Value: paths("arg2")},
			// NX and XX stand in a text.
			{Func: "SetArgs", Role: Write, Key: redisKey, Value: paths("arg2"), Conditions: paths("arg3.Mode")},
			{Func: "MSet", Role: Write, Key: paths("recv", "arg1[]"), Value: paths("arg1[]")},
			{Func: "SetNX", Role: Create, Key: redisKey, Value: paths("arg2")},
			{Func: "MSetNX", Role: Create, Key: paths("recv", "arg1[]"), Value: paths("arg1[]")},
			{Func: "Append", Role: Append, Relative: true, Key: redisKey, Value: paths("arg2")},
			{Func: "Incr", Role: Write, Relative: true, Key: redisKey},
			{Func: "Decr", Role: Write, Relative: true, Key: redisKey},
			{Func: "IncrBy", Role: Write, Relative: true, Key: redisKey, Value: paths("arg2")},
			{Func: "DecrBy", Role: Write, Relative: true, Key: redisKey, Value: paths("arg2")},
			{Func: "IncrByFloat", Role: Write, Relative: true, Key: redisKey, Value: paths("arg2")},
		},
	)},
	{"HashCmdable", concat(
		redisRead(redisField, "HGet", "HExists"),
		redisRead(redisKey, "HGetAll", "HVals", "HKeys"),
		redisRead(redisFields, "HMGet"),
		[]Call{
			// The fields stand among the values.
			{Func: "HSet", Role: Write, Key: redisFields, Value: paths("arg2[]")},
			{Func: "HMSet", Role: Write, Key: redisFields, Value: paths("arg2[]")},
			{Func: "HSetNX", Role: Create, Key: redisField, Value: paths("arg3")},
			{Func: "HIncrBy", Role: Write, Relative: true, Key: redisField, Value: paths("arg3")},
			{Func: "HIncrByFloat", Role: Write, Relative: true, Key: redisField, Value: paths("arg3")},
		},
		redisRemove(redisFields, "HDel"),
	)},
	{"ListCmdable", concat(
		redisPop("arg1", "LPop", "RPop", "LPopCount", "RPopCount"),
		redisPop("arg2[]", "BLPop", "BRPop"),
		redisMove("RPopLPush", "BRPopLPush", "LMove", "BLMove"),
		[]Call{
			{Func: "LPush", Role: Send, Key: redisKey, Value: paths("arg2[]")},
			{Func: "RPush", Role: Send, Key: redisKey, Value: paths("arg2[]")},
			{Func: "LSet", Role: Write, Key: redisField, Value: paths("arg3")},
		},
		redisRead(redisField, "LIndex"),
		redisList("LRange"),
		redisRemove(paths("recv", "arg1", "arg3"), "LRem"),
		redisRemove(redisKey, "LTrim"),
	)},
	{"SetCmdable", concat(
		redisRead(redisField, "SIsMember"),
		redisList("SMembers"),
		[]Call{{Func: "SAdd", Role: Write, Key: redisFields, Value: paths("arg2[]")}},
		redisRemove(redisFields, "SRem"),
	)},
	{"SortedSetCmdable", concat(
		redisRead(redisField, "ZScore", "ZRank"),
		redisList("ZRange", "ZRevRange", "ZRangeByScore", "ZRangeWithScores"),
		[]Call{
			// The score of a member that comes again is that of its last time: mostly a time.
			{Func: "ZAdd", Role: Write, Key: paths("recv", "arg1", "arg2[].Member"), Value: paths("arg2[].Member")},
			{Func: "ZAddNX", Role: Create, Key: paths("recv", "arg1", "arg2[].Member"), Value: paths("arg2[].Score")},
			{Func: "ZIncrBy", Role: Write, Relative: true, Key: paths("recv", "arg1", "arg3"), Value: paths("arg2")},
		},
		redisRemove(redisFields, "ZRem"),
		redisRemove(redisKey, "ZRemRangeByScore", "ZRemRangeByRank"),
	)},
	{"GenericCmdable", concat(
		redisRead(paths("recv", "arg1[]"), "Exists"),
		redisRemove(paths("recv", "arg1[]"), "Del"),
		redisExpire("Expire", "ExpireAt", "PExpire", "PExpireAt"),
	)},
	{"Cmdable", redisRemove(paths("recv", "arg1[]"), "Unlink")},
	{"StreamCmdable", concat(
		[]Call{
			{
				Func: "XReadGroup", Role: Receive, Key: paths("recv", "arg1.Streams[]", "arg1.Group"), Message: "ret0",
				Batch: Quantity{Path: "arg1.Count"}, Mode: "arg1.NoAck", AutoSettle: "true", System: "Redis stream",
			},
			{Func: "XClaim", Role: Receive, Key: paths("recv", "arg1.Stream", "arg1.Group"), Message: "ret0", System: "Redis stream"},
			{
				Func: "XAutoClaim", Role: Receive, Key: paths("recv", "arg1.Stream", "arg1.Group"), Message: "ret0",
				Batch: Quantity{Path: "arg1.Count"}, System: "Redis stream",
			},
			{Func: "XAck", Role: Settle, Key: redisField, Message: "arg3[]", System: "Redis stream"},
		},
		redisList("XRange", "XRangeN"),
		redisRemove(redisFields, "XDel"),
	)},
	{"PubSubCmdable", []Call{
		{Func: "Publish", Role: Send, Key: redisKey, Value: paths("arg2")},
	}},
	{"ScriptingFunctionsCmdable", []Call{
		{Func: "Eval", Role: Write, Key: paths("recv", "arg2[]"), Value: paths("arg3[]"), Conditions: paths("arg1")},
		{Func: "EvalSha", Role: Write, Key: paths("recv", "arg2[]"), Value: paths("arg3[]"), Conditions: paths("arg1")},
	}},
}

var redisV9Sections = []redisSection{
	{"StringCmdable", []Call{
		{Func: "SetEx", Role: Write, Key: redisKey, Value: paths("arg2")},
		{Func: "SetIFEQ", Role: Write, Key: redisKey, Value: paths("arg2"), Conditions: paths("arg3")},
		{Func: "SetIFNE", Role: Write, Key: redisKey, Value: paths("arg2"), Conditions: paths("arg3")},
	}},
	{"StreamCmdable", []Call{
		{
			Func: "XAdd", Role: Send, Key: paths("recv", "arg1.Stream"), Value: paths("arg1.Values"),
			DedupID: paths("arg1.ID", "arg1.IdempotentID"), System: "Redis stream",
		},
		{Func: "XAckDel", Role: Settle, Key: redisField, Message: "arg4[]", System: "Redis stream"},
		{Func: "XNack", Role: Nack, Key: paths("recv", "arg1.Stream", "arg1.Group"), Message: "arg1.IDs[]", System: "Redis stream"},
	}},
}

var redisV8Sections = []redisSection{
	{"", []Call{
		{Func: "SetEX", Role: Write, Key: redisKey, Value: paths("arg2")},
		{
			Func: "XAdd", Role: Send, Key: paths("recv", "arg1.Stream"), Value: paths("arg1.Values"),
			DedupID: paths("arg1.ID"), System: "Redis stream",
		},
	}},
}

// redisAnswers open a command: its Result and its Val are what the server answered.
func redisAnswers(pkg, hash string) []Call {
	var calls []Call
	for _, typ := range []string{
		"Cmd", "StringCmd", "StatusCmd", "IntCmd", "BoolCmd", "FloatCmd", "StringSliceCmd", "SliceCmd", hash, "ZSliceCmd",
		"XStreamSliceCmd", "XMessageSliceCmd", "XAutoClaimCmd",
	} {
		for _, name := range []string{"Result", "Val"} {
			calls = append(calls, Call{Func: method(pkg, typ, name), Role: Same, Value: paths("recv")})
		}
	}
	return calls
}

func redisScripts(pkg string) []Call {
	run := func(name string) Call {
		return Call{
			Func: method(pkg, "Script", name), Role: Write, Key: paths("arg1", "arg2[]"), Value: paths("arg3[]"),
			Conditions: paths("recv"), Under: "arg0",
		}
	}
	return []Call{run("Run"), run("Eval"), run("EvalSha")}
}
