package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// collectRarely lets garbage lie while the heap is small: a run is short, and on
// x/tools this saves a tenth of the CPU. From a live heap of half a gigabyte on
// the memory is worth more, and the usual pace returns.
func collectRarely() {
	const rare, usual, large = 300, 100, 512 << 20
	debug.SetGCPercent(rare)
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for range time.Tick(50 * time.Millisecond) {
		if metrics.Read(live); live[0].Value.Kind() != metrics.KindUint64 || live[0].Value.Uint64() > large {
			debug.SetGCPercent(usual)
			return
		}
	}
}
