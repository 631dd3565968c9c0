package models

// The standard library: time, randomness, the machine's name, HTTP, processes. None of
// it opens the gate.
//
// Left out on purpose, because the engine's rule "an unknown function's result depends
// on its arguments" says it better:
//   - http.NewRequestWithContext and the like, errors.Join, fmt;
//   - the methods of rand.Rand and of rand's sources: what they return depends on the
//     seed, which may well come from the message.
//
// And because they are no waits worth a word: Mutex.Lock, WaitGroup.Wait.
var stdModel = Model{
	Name: "the standard library",
	// https://pkg.go.dev/net/http#DefaultClient: no timeout.
	Zero: []string{"net/http.DefaultClient"},
	Calls: concat(
		said("the clock", "https://pkg.go.dev/time", stdClock...),
		said("the timer", "https://pkg.go.dev/time", stdWaits...),
		said("context", "https://pkg.go.dev/context", stdContext...),
		stdFresh,
		stdSpawns,
		said("a file", "https://pkg.go.dev/os", stdFiles...),
		said("HTTP", "https://pkg.go.dev/net/http", stdHTTP...),
		said("a process", "https://pkg.go.dev/os/exec", stdExec...),
		said("e-mail", "https://pkg.go.dev/net/smtp", stdMail...),
		said("errors", "https://pkg.go.dev/errors", stdErrors...),
	),
}

var stdClock = []Call{
	{Func: "time.Now", Role: Fresh, Fresh: Clock},
	{Func: "time.Since", Role: Fresh, Fresh: Clock},
	{Func: "time.Until", Role: Fresh, Fresh: Clock},
}

var stdWaits = []Call{
	{Func: "time.Sleep", Role: Wait, Timeout: Quantity{Path: "arg0"}},
	{Func: "time.After", Role: Wait, Timeout: Quantity{Path: "arg0"}},
	{Func: "time.NewTimer", Role: Wait, Timeout: Quantity{Path: "arg0"}},
	{Func: "(*time.Timer).Reset", Role: Wait, Timeout: Quantity{Path: "arg0"}},
	{Func: "time.NewTicker", Role: Wait, Timeout: Quantity{Path: "arg0"}, Repeats: true},
	{Func: "time.Tick", Role: Wait, Timeout: Quantity{Path: "arg0"}, Repeats: true},
	{Func: "(*time.Ticker).Reset", Role: Wait, Timeout: Quantity{Path: "arg0"}, Repeats: true},
	{Func: "(*sync.Cond).Wait", Role: Wait, Unbounded: true, System: "a condition variable", Source: "https://pkg.go.dev/sync"},
	{Func: "(*os/exec.Cmd).Wait", Role: Wait, Under: "recv", Unbounded: true, System: "a process", Source: "https://pkg.go.dev/os/exec"},
	{Func: "(*os.Process).Wait", Role: Wait, Unbounded: true, System: "a process", Source: "https://pkg.go.dev/os"},
}

var stdFiles = []Call{
	{Func: "os.Open", Role: Local},
	{Func: "os.OpenFile", Role: Local},
	{Func: "os.Create", Role: Local},
	{Func: "os.CreateTemp", Role: Local},
	{Func: "os.ReadFile", Role: Local},
}

var stdSpawns = []Call{
	{Func: "(*sync.WaitGroup).Go", Role: Spawn, System: "a goroutine", Source: "https://pkg.go.dev/sync#WaitGroup.Go"},
	{Func: "time.AfterFunc", Role: Spawn, System: "a goroutine", Source: "https://pkg.go.dev/time#AfterFunc"},
	{Func: "(*golang.org/x/sync/errgroup.Group).Go", Role: Spawn, System: "a goroutine", Source: "https://pkg.go.dev/golang.org/x/sync/errgroup"},
	{Func: "(*golang.org/x/sync/errgroup.Group).TryGo", Role: Spawn, System: "a goroutine", Source: "https://pkg.go.dev/golang.org/x/sync/errgroup"},
}

// Under is the parent: its own deadline, if it has one, holds as well, and its
// cancellation passes on, except through WithoutCancel.
var stdContext = []Call{
	{Func: "context.WithTimeout", Role: Deadline, Under: "arg0", Timeout: Quantity{Path: "arg1"}},
	{Func: "context.WithTimeoutCause", Role: Deadline, Under: "arg0", Timeout: Quantity{Path: "arg1"}},
	// A time.Time, not a duration: time.Now().Add(d) bounds by d.
	{Func: "context.WithDeadline", Role: Deadline, Under: "arg0", Timeout: Quantity{Path: "arg1"}},
	{Func: "context.WithDeadlineCause", Role: Deadline, Under: "arg0", Timeout: Quantity{Path: "arg1"}},
	{Func: "context.WithCancel", Role: Cancellable, Under: "arg0"},
	{Func: "context.WithCancelCause", Role: Cancellable, Under: "arg0"},
	{Func: "os/signal.NotifyContext", Role: Cancellable, Under: "arg0"},
	// Keeps the values, drops cancellation and deadline.
	{Func: "context.WithoutCancel", Role: Detach, Value: paths("arg0")},
	{Func: "context.WithValue", Role: Same, Value: paths("arg0")},
}

var stdFresh = concat(
	fresh("random numbers", "crypto/rand", "Int", "Prime", "Text"),
	fresh("random numbers", "math/rand",
		"ExpFloat64", "Float32", "Float64", "Int", "Int31", "Int31n", "Int63", "Int63n", "Intn",
		"NormFloat64", "Perm", "Uint32", "Uint64"),
	fresh("random numbers", "math/rand/v2",
		"ExpFloat64", "Float32", "Float64", "Int", "Int32", "Int32N", "Int64", "Int64N", "IntN", "N",
		"NormFloat64", "Perm", "Uint", "Uint32", "Uint32N", "Uint64", "Uint64N", "UintN"),
	fresh("a random seed", "hash/maphash", "MakeSeed"),
	[]Call{
		{Func: "crypto/rand.Read", Role: Fresh, Fresh: Random, Content: paths("arg0"), System: "random numbers", Source: "crypto/rand"},
		{Func: "math/rand.Read", Role: Fresh, Fresh: Random, Content: paths("arg0"), System: "random numbers", Source: "math/rand"},
		{Func: "os.Hostname", Role: Fresh, Fresh: Host, System: "the machine", Source: "os"},
		{Func: "os.Getpid", Role: Fresh, Fresh: Host, System: "the machine", Source: "os"},
		{Func: "os.Getppid", Role: Fresh, Fresh: Host, System: "the machine", Source: "os"},
		{Func: "net.InterfaceAddrs", Role: Fresh, Fresh: Host, System: "the machine", Source: "net"},
		{Func: "net.Interfaces", Role: Fresh, Fresh: Host, System: "the machine", Source: "net"},
	},
)

// A client without Timeout waits for ever, the default client too. net/http itself
// repeats a request whose reused connection broke only where the method (GET, HEAD,
// OPTIONS, TRACE) or an Idempotency-Key header says that this does no harm.
var stdHTTP = []Call{
	{
		Func: "(*net/http.Client).Do", Role: External, Key: paths("arg0.URL"), Value: paths("arg0.Body"), Content: paths("ret0.Body"),
		Verb: "arg0.Method", Under: "arg0", Timeout: Quantity{Path: "recv.Timeout"}, Unbounded: true,
		DedupID: paths("arg0.Header"),
	},
	{
		Func: "(*net/http.Client).Get", Role: External, Key: paths("arg0"), Content: paths("ret0.Body"),
		FixedVerb: "GET", Timeout: Quantity{Path: "recv.Timeout"}, Unbounded: true,
	},
	{
		Func: "(*net/http.Client).Head", Role: External, Key: paths("arg0"), Content: paths("ret0.Header"),
		FixedVerb: "HEAD", Timeout: Quantity{Path: "recv.Timeout"}, Unbounded: true,
	},
	{
		Func: "(*net/http.Client).Post", Role: External, Key: paths("arg0"), Value: paths("arg2"), Content: paths("ret0.Body"),
		FixedVerb: "POST", Timeout: Quantity{Path: "recv.Timeout"}, Unbounded: true,
	},
	{
		Func: "(*net/http.Client).PostForm", Role: External, Key: paths("arg0"), Value: paths("arg1"), Content: paths("ret0.Body"),
		FixedVerb: "POST", Timeout: Quantity{Path: "recv.Timeout"}, Unbounded: true,
	},
	{Func: "net/http.Get", Role: External, Key: paths("arg0"), Content: paths("ret0.Body"), FixedVerb: "GET", Unbounded: true},
	{Func: "net/http.Head", Role: External, Key: paths("arg0"), Content: paths("ret0.Header"), FixedVerb: "HEAD", Unbounded: true},
	{
		Func: "net/http.Post", Role: External, Key: paths("arg0"), Value: paths("arg2"), Content: paths("ret0.Body"),
		FixedVerb: "POST", Unbounded: true,
	},
	{
		Func: "net/http.PostForm", Role: External, Key: paths("arg0"), Value: paths("arg1"), Content: paths("ret0.Body"),
		FixedVerb: "POST", Unbounded: true,
	},
	{
		Func: "(*net/http.Transport).RoundTrip", Role: External, Key: paths("arg0.URL"), Value: paths("arg0.Body"),
		Content: paths("ret0.Body"), Verb: "arg0.Method", Under: "arg0", Unbounded: true,
	},
	{
		Func: "(net/http.RoundTripper).RoundTrip", Role: External, Key: paths("arg0.URL"), Value: paths("arg0.Body"),
		Content: paths("ret0.Body"), Verb: "arg0.Method", Under: "arg0", Unbounded: true,
	},
}

// A command made by CommandContext is killed when its context ends: the deadline is
// found in the Cmd, hence Under recv. Start begins the effect, Wait (above) waits.
var stdExec = []Call{
	{Func: "(*os/exec.Cmd).Run", Role: External, Key: paths("recv"), Under: "recv", Unbounded: true},
	{Func: "(*os/exec.Cmd).Output", Role: External, Key: paths("recv"), Content: paths("ret0"), Under: "recv", Unbounded: true},
	{Func: "(*os/exec.Cmd).CombinedOutput", Role: External, Key: paths("recv"), Content: paths("ret0"), Under: "recv", Unbounded: true},
	{Func: "(*os/exec.Cmd).Start", Role: External, Key: paths("recv"), Under: "recv"},
	{Func: "os.StartProcess", Role: External, Key: paths("arg0", "arg1")},
}

// No timeout can be given to SendMail; a mail whose acceptance was not heard of is sent
// again by the next delivery. DATA is SMTP's own verb for handing a mail over.
var stdMail = []Call{
	{Func: "net/smtp.SendMail", Role: External, Key: paths("arg0"), Value: paths("arg3", "arg4"), FixedVerb: "DATA", Unbounded: true},
	{Func: "(*net/smtp.Client).Data", Role: External, Key: paths("recv"), FixedVerb: "DATA", Unbounded: true},
}

var stdErrors = []Call{
	{Func: "errors.Is", Role: Condition, Codes: "arg1"},
	{Func: "errors.As", Role: Condition, Codes: "arg1"},
	// The type asked for is the type argument.
	{Func: "errors.AsType", Role: Condition},
}
