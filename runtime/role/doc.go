// Package role is the world a handler runs in: web roles and worker roles, in instances
// that are started, stopped, killed, frozen, and thawed on another machine.
//
//	run := func(ctx context.Context, in *role.Instance) error {
//		queue := in.Clients().Queues.NewQueueClient("orders")
//		w, err := worker.New(queue, handle, worker.Options{Visibility: in.Visibility()})
//		if err != nil {
//			return err
//		}
//		return w.Run(ctx)
//	}
//	cloud, err := role.Deploy(ctx, account, role.Role{Name: "orders", Run: run}, 4)
//
// An instance is one life of one process. What can happen to it:
//
//	Stop    its context is cancelled; it has a grace period to return; then it is killed
//	Kill    from now on none of its requests reaches a service, whoever sends it: the
//	        work, a goroutine left behind, a deferred call
//	Freeze  its requests, and the answers to those under way, are held
//	Thaw    they go on, on another machine
//
// # Local scratch
//
// Each instance has a folder with a quota ([Scratch]). It is discarded at stop, kill and
// freeze: a frozen instance comes back on another machine, where its folder is empty.
// Nothing that must survive belongs there.
//
// # What is simulated, and what is not
//
// A goroutine cannot be killed or suspended from outside. The code of a killed or frozen
// instance therefore runs on, until it next asks for something through the instance: a
// request of its clients, [Instance.Through], [Instance.Reach], its scratch. That is all
// that outlives a process, so that the services cannot tell the difference; but its
// timers run on in a freeze, and its memory is still there after a kill. State shared
// between instances through package variables is a hole in the model.
//
// A request that had left the instance when it was killed may still be executed, as a
// packet on the wire would be. Its context is cancelled, and its answer is dropped.
//
// # Virtual time
//
// Everything waits on channels and timers made by the caller's goroutines, so that a
// whole deployment runs inside a testing/synctest bubble. A test must thaw or kill what
// it froze, or the bubble ends in a deadlock: [Deployment.Close] does it.
package role
