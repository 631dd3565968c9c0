package tune

import "math"

// chance is numbers between 0 and 1 that depend on what they decide and on nothing else.
// So the same misfortunes hit every setting, and the order of events does not matter.
type chance uint64 // a seed

// What chance decides.
type decision uint64

const (
	arrival decision = iota
	startTime
	workTime
	crashTime
	freezeTime
	roundTrip  // of a try
	lostWay    // of its request
	lostBack   // of its answer
	noticed    // whether the client notices either
	retryPause // before the next try
)

// of is the number for a decision about these: message, delivery and try, say.
func (c chance) of(what decision, about ...uint64) float64 {
	h := mix(uint64(c) ^ uint64(what))
	for _, v := range about {
		h = mix(h ^ (v + 0x9e3779b97f4a7c15))
	}
	return float64(h>>11) / (1 << 53)
}

// mix is the last step of SplitMix64, which makes all bits depend on all bits. One round
// after each word is enough here, and several times as fast as a generator seeded anew
// for each number.
func mix(h uint64) uint64 {
	h += 0x9e3779b97f4a7c15
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}

// exponential is the number u as a multiple of the mean of an exponential distribution.
func exponential(u float64) float64 { return -math.Log1p(-u) }
