package models

// SQL through database/sql and jmoiron/sqlx.
//
// Facts that matter:
//   - What a call does is in the text of its statement. Where the text is not known, Exec
//     is taken for a call to another system and Query for a read.
//   - A transaction's statements become visible at Commit, all or none: what a statement
//     reads there is not changed by others as far as the isolation level says, and a mark
//     of the message written beside the effect stands or falls with it. Statements of a
//     transaction therefore have the transaction as a condition.
//   - Nothing repeats a statement but the caller, with one exception: database/sql tries
//     again on another connection where the driver says that a connection was bad before
//     the statement was sent (driver.ErrBadConn).
//   - Calls without a context wait as long as the database does. No timeout is known.
//   - A row's Scan fills its arguments from the columns.
var sqlModel = Model{
	Name:     "SQL",
	Packages: []string{databaseSQL, sqlx},
	Calls: concat(
		said("SQL", "https://pkg.go.dev/database/sql", concat(
			sqlCalls("DB", nil),
			sqlCalls("Conn", nil),
			sqlCalls("Tx", paths("recv")),
			sqlPrepared("DB"), sqlPrepared("Conn"), sqlPrepared("Tx"),
			sqlStatements, sqlTransactions, sqlRows,
		)...),
		said("SQL", "https://pkg.go.dev/github.com/jmoiron/sqlx v1.4.0", concat(
			sqlxCalls("DB", nil),
			sqlxCalls("Tx", paths("recv")),
			sqlxTransactions, sqlxTexts,
		)...),
	),
}

const (
	databaseSQL = "database/sql"
	sqlx        = "github.com/jmoiron/sqlx"
)

// sqlCalls are the calls of a connection, with and without a context.
func sqlCalls(typ string, conditions []Path) []Call {
	calls := remote(
		Call{
			Func: method(databaseSQL, typ, "ExecContext"), Role: External, Key: paths("recv", "arg1"),
			Statement: "arg1", Value: paths("arg2"), Conditions: conditions,
		},
		Call{
			Func: method(databaseSQL, typ, "QueryContext"), Role: Read, Key: paths("recv", "arg1"),
			Statement: "arg1", Value: paths("arg2"), Content: paths("ret0"), Conditions: conditions,
		},
		Call{
			Func: method(databaseSQL, typ, "QueryRowContext"), Role: Read, Key: paths("recv", "arg1"),
			Statement: "arg1", Value: paths("arg2"), Content: paths("ret0"), Conditions: conditions,
		},
	)
	if typ == "Conn" {
		return calls
	}
	return append(calls,
		Call{
			Func: method(databaseSQL, typ, "Exec"), Role: External, Key: paths("recv", "arg0"),
			Statement: "arg0", Value: paths("arg1"), Conditions: conditions,
		},
		Call{
			Func: method(databaseSQL, typ, "Query"), Role: Read, Key: paths("recv", "arg0"),
			Statement: "arg0", Value: paths("arg1"), Content: paths("ret0"), Conditions: conditions,
		},
		Call{
			Func: method(databaseSQL, typ, "QueryRow"), Role: Read, Key: paths("recv", "arg0"),
			Statement: "arg0", Value: paths("arg1"), Content: paths("ret0"), Conditions: conditions,
		},
	)
}

// sqlPrepared are the calls that prepare a statement: the text stays with it.
func sqlPrepared(typ string) []Call {
	calls := []Call{{
		Func: method(databaseSQL, typ, "PrepareContext"), Role: Client, Key: paths("recv", "arg1"), Statement: "arg1",
	}}
	if typ == "Conn" {
		return calls
	}
	return append(calls, Call{
		Func: method(databaseSQL, typ, "Prepare"), Role: Client, Key: paths("recv", "arg0"), Statement: "arg0",
	})
}

// A prepared statement is the text that it was prepared with.
var sqlStatements = []Call{
	{
		Func: method(databaseSQL, "Stmt", "ExecContext"), Role: External, Key: paths("recv"),
		Statement: "recv", Value: paths("arg1"), Under: "arg0",
	},
	{
		Func: method(databaseSQL, "Stmt", "QueryContext"), Role: Read, Key: paths("recv"),
		Statement: "recv", Value: paths("arg1"), Content: paths("ret0"), Under: "arg0",
	},
	{
		Func: method(databaseSQL, "Stmt", "QueryRowContext"), Role: Read, Key: paths("recv"),
		Statement: "recv", Value: paths("arg1"), Content: paths("ret0"), Under: "arg0",
	},
	{Func: method(databaseSQL, "Stmt", "Exec"), Role: External, Key: paths("recv"), Statement: "recv", Value: paths("arg0")},
	{
		Func: method(databaseSQL, "Stmt", "Query"), Role: Read, Key: paths("recv"),
		Statement: "recv", Value: paths("arg0"), Content: paths("ret0"),
	},
	{
		Func: method(databaseSQL, "Stmt", "QueryRow"), Role: Read, Key: paths("recv"),
		Statement: "recv", Value: paths("arg0"), Content: paths("ret0"),
	},
	{Func: method(databaseSQL, "Tx", "StmtContext"), Role: Same, Value: paths("arg1")},
	{Func: method(databaseSQL, "Tx", "Stmt"), Role: Same, Value: paths("arg0")},
}

// beginSQL is the verb of the calls that open a transaction.
const beginSQL = "BEGIN"

var sqlTransactions = []Call{
	{Func: method(databaseSQL, "DB", "BeginTx"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(databaseSQL, "DB", "Begin"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(databaseSQL, "Conn", "BeginTx"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(databaseSQL, "DB", "Conn"), Role: Same, Value: paths("recv")},
}

var sqlRows = []Call{
	{Func: method(databaseSQL, "Row", "Scan"), Role: Same, Value: paths("recv"), Content: paths("arg0")},
	{Func: method(databaseSQL, "Rows", "Scan"), Role: Same, Value: paths("recv"), Content: paths("arg0")},
}

// sqlxCalls are what sqlx adds; the rest is database/sql's, embedded.
func sqlxCalls(typ string, conditions []Path) []Call {
	var calls []Call
	add := func(name string, c Call) {
		c.Func, c.Conditions = method(sqlx, typ, name), conditions
		calls = append(calls, c)
	}
	add("NamedExec", Call{Role: External, Key: paths("recv", "arg0"), Statement: "arg0", Value: paths("arg1")})
	add("NamedExecContext", Call{Role: External, Key: paths("recv", "arg1"), Statement: "arg1", Value: paths("arg2"), Under: "arg0"})
	add("MustExec", Call{Role: External, Key: paths("recv", "arg0"), Statement: "arg0", Value: paths("arg1")})
	add("MustExecContext", Call{Role: External, Key: paths("recv", "arg1"), Statement: "arg1", Value: paths("arg2"), Under: "arg0"})
	add("NamedQuery", Call{Role: Read, Key: paths("recv", "arg0"), Statement: "arg0", Value: paths("arg1"), Content: paths("ret0")})
	add("Queryx", Call{Role: Read, Key: paths("recv", "arg0"), Statement: "arg0", Value: paths("arg1"), Content: paths("ret0")})
	add("QueryxContext", Call{Role: Read, Key: paths("recv", "arg1"), Statement: "arg1", Value: paths("arg2"), Content: paths("ret0"), Under: "arg0"})
	add("QueryRowx", Call{Role: Read, Key: paths("recv", "arg0"), Statement: "arg0", Value: paths("arg1"), Content: paths("ret0")})
	add("QueryRowxContext", Call{Role: Read, Key: paths("recv", "arg1"), Statement: "arg1", Value: paths("arg2"), Content: paths("ret0"), Under: "arg0"})
	for _, name := range []string{"Get", "Select"} {
		add(name, Call{Role: Read, Key: paths("recv", "arg1"), Statement: "arg1", Value: paths("arg2"), Content: paths("arg0")})
		add(name+"Context", Call{Role: Read, Key: paths("recv", "arg2"), Statement: "arg2", Value: paths("arg3"), Content: paths("arg1"), Under: "arg0"})
	}
	return calls
}

var sqlxTransactions = []Call{
	{Func: method(sqlx, "DB", "Beginx"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(sqlx, "DB", "BeginTxx"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(sqlx, "DB", "MustBegin"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(sqlx, "DB", "MustBeginTx"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: method(sqlx, "Row", "Scan"), Role: Same, Value: paths("recv"), Content: paths("arg0")},
	{Func: method(sqlx, "Row", "StructScan"), Role: Same, Value: paths("recv"), Content: paths("arg0")},
	{Func: method(sqlx, "Rows", "StructScan"), Role: Same, Value: paths("recv"), Content: paths("arg0")},
}

// Another way to write the placeholders.
var sqlxTexts = []Call{
	{Func: method(sqlx, "DB", "Rebind"), Role: Same, Value: paths("arg0")},
	{Func: method(sqlx, "Tx", "Rebind"), Role: Same, Value: paths("arg0")},
	{Func: fn(sqlx, "Rebind"), Role: Same, Value: paths("arg1")},
}
