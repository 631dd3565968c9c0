package models

// gorm.
//
// Facts that matter:
//   - Create inserts. The primary key is the field ID unless a tag says otherwise; where
//     it is zero the database makes it, so that a second Create adds a second row. With
//     Clauses(clause.OnConflict{…}) the insert has a conflict clause.
//   - Save updates all fields by the primary key; where that is zero, or no row has it, it
//     inserts (an insert with ON CONFLICT DO UPDATE).
//   - Update, Updates and UpdateColumn change the rows that Model and Where name. What they
//     set is absolute, unless it is a gorm.Expr.
//   - FirstOrCreate reads and then inserts: two statements, nothing between them locked.
//   - Methods that choose rows (Where, Model, WithContext and the like) return the
//     database with what was chosen: it stands in the receiver.
//   - Transaction hands its function a database of its own and commits where the function
//     returns nil.
var gormModel = Model{
	Name:     "gorm",
	Packages: []string{gorm},
	Calls: said("gorm", "https://gorm.io/docs/ v1.31.2", concat(
		gormWrites, gormReads, gormTransactions,
	)...),
}

const gorm = "gorm.io/gorm"

func gdb(name string) string { return method(gorm, "DB", name) }

// insertSQL is the verb of calls that insert without a conflict clause, unless one was
// given to the receiver.
const insertSQL = "INSERT"

var gormKey = []string{"ID"}

var gormWrites = []Call{
	{Func: gdb("Create"), Role: Create, Key: paths("recv"), KeyIn: gormKey, Value: paths("arg0"), FixedVerb: insertSQL},
	{Func: gdb("CreateInBatches"), Role: Create, Key: paths("recv"), KeyIn: gormKey, Value: paths("arg0"), FixedVerb: insertSQL},
	{Func: gdb("Save"), Role: Write, Key: paths("recv"), KeyIn: gormKey, Value: paths("arg0")},
	{Func: gdb("Updates"), Role: Write, Key: paths("recv"), Value: paths("arg0")},
	{Func: gdb("Update"), Role: Write, Key: paths("recv"), Value: paths("arg1")},
	{Func: gdb("UpdateColumn"), Role: Write, Key: paths("recv"), Value: paths("arg1")},
	{Func: gdb("UpdateColumns"), Role: Write, Key: paths("recv"), Value: paths("arg0")},
	{Func: gdb("Delete"), Role: Remove, Key: paths("recv", "arg0")},
	{Func: gdb("FirstOrCreate"), Role: Create, Key: paths("recv"), KeyIn: gormKey, Value: paths("arg0"), Repeatable: true},
	{Func: gdb("Exec"), Role: External, Key: paths("recv", "arg0"), Statement: "arg0", Value: paths("arg1")},
}

var gormReads = []Call{
	{Func: gdb("First"), Role: Read, Key: paths("recv", "arg1"), Content: paths("arg0")},
	{Func: gdb("Take"), Role: Read, Key: paths("recv", "arg1"), Content: paths("arg0")},
	{Func: gdb("Last"), Role: Read, Key: paths("recv", "arg1"), Content: paths("arg0")},
	{Func: gdb("Find"), Role: List, Key: paths("recv", "arg1"), Content: paths("arg0")},
	{Func: gdb("Count"), Role: Read, Key: paths("recv"), Content: paths("arg0")},
	{Func: gdb("Pluck"), Role: List, Key: paths("recv"), Content: paths("arg1")},
	{Func: gdb("Scan"), Role: Read, Key: paths("recv"), Content: paths("arg0")},
}

var gormTransactions = []Call{
	{Func: gdb("Begin"), Role: Client, Key: paths("recv"), FixedVerb: beginSQL},
	{Func: gdb("WithContext"), Role: Same, Value: paths("recv")},
	{Func: gdb("Debug"), Role: Same, Value: paths("recv")},
	{Func: gdb("Session"), Role: Same, Value: paths("recv")},
	// An expression in place of a value: "stock - ?".
	{Func: fn(gorm, "Expr"), Role: Client, Key: paths("arg0", "arg1"), Statement: "arg0"},
}
