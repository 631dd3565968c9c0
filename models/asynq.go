package models

// asynq, a task queue on Redis.
//
// Facts that matter:
//   - A handler settles by what it returns: nil ends the task, an error schedules it
//     again, 25 times by default; with SkipRetry in the error's chain it is archived, with
//     RevokeTask dropped (asynq v0.26.0 server.go Handler, processor.go).
//   - The server prolongs a task's lease for as long as it works on it (heartbeat.go); a
//     task's own timeout, 30 minutes by default, ends its context, not the work.
//   - A task whose worker died runs again: at least once.
//   - TaskID makes an enqueue unique while a task of that id is kept, Unique for a time;
//     a second one fails with ErrTaskIDConflict or ErrDuplicateTask (client.go). Without
//     either the id is a new random one.
var asynqModel = Model{
	Name:     "asynq",
	Packages: []string{asynq},
	Calls: said("asynq", asynqSource, []Call{
		{Func: fn(asynq, "NewClient"), Role: Client, Key: paths("arg0")},
		{Func: fn(asynq, "NewClientFromRedisClient"), Role: Client, Key: paths("arg0")},
		{Func: method(asynq, "Client", "Enqueue"), Role: Send, Key: paths("recv"), Value: paths("arg0")},
		{Func: method(asynq, "Client", "EnqueueContext"), Role: Send, Key: paths("recv"), Value: paths("arg1"), Under: "arg0"},

		// A look at the task that the context belongs to.
		{Func: fn(asynq, "GetTaskID"), Role: Peek, Key: paths("arg0"), Message: "ret0"},
		{Func: fn(asynq, "GetRetryCount"), Role: Peek, Key: paths("arg0"), Message: "ret0"},
		{Func: fn(asynq, "GetMaxRetry"), Role: Peek, Key: paths("arg0"), Message: "ret0"},
		{Func: fn(asynq, "GetQueueName"), Role: Peek, Key: paths("arg0"), Message: "ret0"},

		{Func: method(asynq, "ServeMux", "HandleFunc"), Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg1"},
		{Func: method(asynq, "ServeMux", "Handle"), Role: Subscribe, Key: paths("recv", "arg0"), Handler: "arg1"},
		{Func: method(asynq, "Server", "Run"), Role: Subscribe, Key: paths("recv"), Handler: "arg0"},
		{Func: method(asynq, "Server", "Start"), Role: Subscribe, Key: paths("recv"), Handler: "arg0"},
	}...),
	Messages: []Message{{Type: asynq + ".Task", Returned: true, System: "asynq", Source: asynqSource}},
}

// The id of a task is among the options of Enqueue, beside times and timeouts that change
// with each attempt: no path leads to it alone, so DedupID is not said.
const (
	asynq       = "github.com/hibiken/asynq"
	asynqSource = "asynq v0.26.0; https://github.com/hibiken/asynq/wiki/Task-Retry"
)
