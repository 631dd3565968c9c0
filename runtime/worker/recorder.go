package worker

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"sync"
)

// Scratch is where a [Recorder] writes: role.Scratch is one.
type Scratch interface {
	Append(name string, data []byte) error
	Rename(from, to string) error
}

// Recorder is an [Observer] that keeps samples in local scratch, for package tune. Each
// sample is one line of JSON, a [Sample]:
//
//	{"at":"2000-01-01T00:00:00Z","step":"delete","ns":3000000,"outcome":"ok","message":"…","deliveries":1,"try":1}
//
// There are two files, name and name.old: when name has grown to its limit it becomes
// name.old, in place of the one before. So the newest samples are kept, and at least half
// of what there is room for.
//
// Losing the files is harmless, and so is a line that could not be written: it is counted
// and forgotten, and the work goes on.
type Recorder struct {
	scratch Scratch
	name    string
	limit   int64

	mu      sync.Mutex
	size    int64
	dropped int64
}

// NewRecorder returns a recorder into the file name, with at most limit bytes in both its
// files together. Default of limit: 0, for 8 MiB (some 60,000 samples).
func NewRecorder(scratch Scratch, name string, limit int64) *Recorder {
	if limit == 0 {
		limit = 8 << 20
	}
	return &Recorder{scratch: scratch, name: name, limit: limit / 2}
}

// Observe appends s.
func (r *Recorder) Observe(s Sample) {
	line, err := json.Marshal(s)
	if err != nil {
		return // a Sample has nothing that JSON cannot say
	}
	line = append(line, '\n')
	// The lock is not held over the writing: that waits while the instance is frozen.
	if r.grow(int64(len(line))) {
		// When the scratch was discarded there is nothing to rename; the file begins anew
		// all the same.
		_ = r.scratch.Rename(r.name, r.name+".old")
	}
	if err := r.scratch.Append(r.name, line); err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.dropped++
	}
}

// grow counts n bytes more, and reports whether they begin a new file.
func (r *Recorder) grow(n int64) (full bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if full = r.size+n > r.limit; full {
		r.size = 0
	}
	r.size += n
	return full
}

// Dropped is how many samples could not be written.
func (r *Recorder) Dropped() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dropped
}

// ReadSamples reads what a [Recorder] wrote. Lines that are no samples, such as the torn
// last line of a process that was killed, are left out and counted.
func ReadSamples(from io.Reader) (samples []Sample, skipped int, err error) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		var s Sample
		if json.Unmarshal(line, &s) != nil || s.Step == "" {
			skipped++
			continue
		}
		samples = append(samples, s)
	}
	return samples, skipped, lines.Err()
}
