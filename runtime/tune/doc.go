// Package tune answers: which visibility timeout, which client timeout, which retries,
// and is the lease to be renewed?
//
//	measured, err := tune.Read("worker.jsonl", file) // what worker.Recorder kept
//	world := tune.World{Work: measured.Work, Request: measured.Request}
//	choice, err := tune.Search(world, tune.Grid{}, tune.Price{}, tune.Effort{})
//
// Each setting of a grid is simulated on the in-process storage account: messages arrive
// by chance, workers receive, work, renew and delete them through a network that loses
// requests and answers, crash, and are frozen. A price for a second of delay, for an
// execution too many and for a request makes one number of what comes out, and the
// setting with the least is the choice.
//
// # The simulation
//
// Discrete events, with a clock of its own that the account shares ([storage.Clock]):
// nothing sleeps. Which message is visible, which receipt is still valid and what a late
// DELETE does is not modelled here but answered by the account, over its REST interface.
// Modelled are the worker, whose loop and renewal are those of package worker (a test
// plays both and compares), the network, and azcore's retry policy.
//
// A worker has one message at a time. Without renewal it is a plain loop: a handler that
// takes longer than the lease goes on, next to the handler that gets the message then.
// With renewal it is package worker: renewed after a third of the lease, cancelled when
// the lease is lost.
//
// Chance is tied to what it decides: how long message 7 takes, and whether its second
// DELETE is lost, is the same in every setting with the same seed. So settings are compared
// under the same misfortunes, and far fewer runs tell them apart.
//
// # What is counted
//
//	delay       from the insertion of a message to the end of the first handler that
//	            finished with it
//	duplicates  executions begun, less one for each message: a handler that was cancelled
//	            or crashed has perhaps done its effect
//	requests    sent by workers, polls that found nothing included
//
// # What is not in it
//
// Throttling, and outages that hit all workers at once: losses are independent. Batches.
// The cost of a worker's time.
package tune
