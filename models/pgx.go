package models

// PostgreSQL through jackc/pgx v5.
//
// Facts that matter:
//   - What a call does is in the text of its statement, as with database/sql (sql.go).
//   - Nothing repeats a statement: a pool takes another connection only before it sends.
//   - CopyFrom loads rows by COPY, which has no conflict clause: a row that is there
//     already fails the whole of it, where a unique key says so, and is there twice where
//     none does.
//   - A Batch gathers statements; SendBatch sends them all, in a transaction of their own
//     unless they begin one: they are made or refused together.
//   - BeginFunc commits what its function did where it returns nil.
var pgxModel = Model{
	Name:     "PostgreSQL (pgx)",
	Packages: []string{pgx, pgxpool, pgconn},
	Calls: said("PostgreSQL", "https://pkg.go.dev/github.com/jackc/pgx/v5 v5.12.0", concat(
		pgxCalls(method(pgx, "Conn", ""), nil),
		pgxCalls(method(pgxpool, "Pool", ""), nil),
		pgxCalls(method(pgxpool, "Conn", ""), nil),
		pgxCalls(method(pgxpool, "Tx", ""), paths("recv")),
		pgxCalls("("+pgx+".Tx).", paths("recv")),
		pgxOthers,
	)...),
}

const (
	pgx     = "github.com/jackc/pgx/v5"
	pgxpool = pgx + "/pgxpool"
	pgconn  = pgx + "/pgconn"

	// copySQL is the verb of calls that load rows.
	copySQL = "COPY"
)

func pgxCalls(typ string, conditions []Path) []Call {
	return remote(
		Call{
			Func: typ + "Exec", Role: External, Key: paths("recv", "arg1"),
			Statement: "arg1", Value: paths("arg2"), Conditions: conditions,
		},
		Call{
			Func: typ + "Query", Role: Read, Key: paths("recv", "arg1"),
			Statement: "arg1", Value: paths("arg2"), Content: paths("ret0"), Conditions: conditions,
		},
		Call{
			Func: typ + "QueryRow", Role: Read, Key: paths("recv", "arg1"),
			Statement: "arg1", Value: paths("arg2"), Content: paths("ret0"), Conditions: conditions,
		},
		Call{
			Func: typ + "CopyFrom", Role: External, Key: paths("recv", "arg1"), FixedVerb: copySQL,
			Value: paths("arg3"), Conditions: conditions,
		},
		Call{Func: typ + "SendBatch", Role: External, Key: paths("recv"), Value: paths("arg1"), Content: paths("ret0"), Conditions: conditions},
		Call{Func: typ + "Begin", Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	)
}

var pgxOthers = []Call{
	{Func: method(pgx, "Conn", "BeginTx"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(pgxpool, "Pool", "BeginTx"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(pgxpool, "Conn", "BeginTx"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(pgxpool, "Pool", "Acquire"), Role: Same, Value: paths("recv")},
	// Sent with the batch, in one transaction: SendBatch makes it visible.
	{
		Func: method(pgx, "Batch", "Queue"), Role: External, Key: paths("recv", "arg0"),
		Statement: "arg0", Value: paths("arg1"), Conditions: paths("recv"),
	},
	{Func: "(" + pgx + ".Row).Scan", Role: Same, Value: paths("recv"), Content: paths("arg0")},
	{Func: "(" + pgx + ".Rows).Scan", Role: Same, Value: paths("recv"), Content: paths("arg0")},
}
