package models

// River, a job queue on PostgreSQL.
//
// Facts that matter:
//   - A worker settles by what Work returns: nil completes the job, an error schedules it
//     again, 25 attempts by default; JobCancel ends it for good, JobSnooze puts it off
//     (river v0.51.1 worker.go, https://riverqueue.com/docs/job-retries).
//   - A job that was still running one hour ago is rescued: it runs again, even if its
//     worker still works (client.go RescueStuckJobsAfter). A job's context ends after one
//     minute by default (JobTimeoutDefault).
//   - InsertTx inserts in the caller's transaction: what is rolled back was never queued.
//   - JobCompleteTx completes the job in the caller's transaction, together with its work:
//     the exactly-once form.
//   - UniqueOpts drop a second insert with the same arguments, period, queue or state.
var riverModel = Model{
	Name:     "River",
	Packages: []string{river},
	Calls: said("River", riverSource, []Call{
		{
			Func: method(river, "Client[TTx]", "Insert"), Role: Send, Key: paths("recv"), Value: paths("arg1"), Under: "arg0",
			DedupID: paths("arg2.UniqueOpts"),
		},
		{
			Func: method(river, "Client[TTx]", "InsertTx"), Role: Send, Key: paths("recv"), Value: paths("arg2"), Under: "arg0",
			DedupID: paths("arg3.UniqueOpts"), Conditions: paths("arg1"),
		},
		{Func: method(river, "Client[TTx]", "InsertMany"), Role: Send, Key: paths("recv"), Value: paths("arg1[].Args"), Under: "arg0"},
		{Func: method(river, "Client[TTx]", "InsertManyFast"), Role: Send, Key: paths("recv"), Value: paths("arg1[].Args"), Under: "arg0"},
		{
			Func: method(river, "Client[TTx]", "InsertManyTx"), Role: Send, Key: paths("recv"), Value: paths("arg2[].Args"), Under: "arg0",
			Conditions: paths("arg1"),
		},
		{
			Func: method(river, "Client[TTx]", "InsertManyFastTx"), Role: Send, Key: paths("recv"), Value: paths("arg2[].Args"), Under: "arg0",
			Conditions: paths("arg1"),
		},
		{Func: fn(river, "JobCompleteTx"), Role: Settle, Key: paths("arg2"), Message: "arg2", Under: "arg0"},
		{Func: fn(river, "WorkFunc"), Role: Subscribe, Key: paths("arg0"), Handler: "arg0"},
	}...),
	Messages: []Message{
		{Type: river + ".Job", Returned: true, System: "River", Source: riverSource},
		{
			Type: riverType + ".JobRow", Identity: []string{"ID"},
			Delivery: []string{"Attempt", "AttemptedAt", "AttemptedBy", "Errors"}, Count: "Attempt",
			System: "River", Source: riverSource,
		},
	},
}

const (
	river       = "github.com/riverqueue/river"
	riverType   = river + "/rivertype"
	riverSource = "river v0.51.1; https://riverqueue.com/docs"
)
