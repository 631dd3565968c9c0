package finding

import "go/token"

// Window tells what was understood of one window, so that silence means something.
type Window struct {
	// Pos is the receive, or the handler where no receive is in sight.
	Pos token.Pos
	// Function is the function that the window opens in.
	Function string
	// System is the queue: "Azure Queue Storage".
	System string
	// Settle says how the message is settled: "call", "result" (of the handler),
	// "automatic", "handed over", "none seen".
	Settle string
	// Lease is the lease in words: "30s (default)", "unknown".
	Lease string
	// Effects counts the writes, sends and external calls understood.
	Effects int
	// Directives are those by which in-house calls in it are understood, each with its
	// place ("package/file.go:12"), in the order of the code.
	Directives []string
	// Unresolved are calls in the window that nothing is known about.
	Unresolved []Unresolved
}

// Unresolved is a call that the analysis could not look into.
type Unresolved struct {
	Pos    token.Pos
	Callee string
	Why    string
}

// Coverage is what the window pass understood of a package.
type Coverage struct {
	Windows []Window
	// Problems are malformed directives: position and one clear line.
	Problems []Related
}
