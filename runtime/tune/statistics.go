package tune

import "math"

// estimate is a mean of independent runs, and half of the length of its interval of
// confidence.
type estimate struct{ mean, half float64 }

// estimated is the estimate from these, with an interval that misses the true mean with
// the probability miss. Of fewer than two there is no interval: it is infinite.
func estimated(values []float64, miss float64) estimate {
	n := float64(len(values))
	var sum, squares float64
	for _, v := range values {
		sum += v
	}
	mean := sum / n
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	if n < 2 {
		return estimate{mean, math.Inf(1)}
	}
	return estimate{mean, studentQuantile(1-miss/2, n-1) * math.Sqrt(squares/(n-1)/n)}
}

// studentQuantile is the quantile of Student's t distribution: found by halving in the
// integral of its density, since Go has no inverse of it.
func studentQuantile(p, freedom float64) float64 {
	low, high := 0.0, 1.0
	for studentUpTo(high, freedom) < p && high < 1e6 {
		high *= 2
	}
	for range 60 {
		middle := (low + high) / 2
		if studentUpTo(middle, freedom) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// studentUpTo is the probability of a value up to t ≥ 0, by Simpson's rule over the angle
// whose tangent is t/√freedom: there the density is a power of a cosine, and smooth.
func studentUpTo(t, freedom float64) float64 {
	const n = 400
	angle := math.Atan(t / math.Sqrt(freedom))
	density := func(a float64) float64 { return math.Pow(math.Cos(a), freedom-1) }
	sum := density(0) + density(angle)
	for i := 1; i < n; i++ {
		sum += float64(2+2*(i%2)) * density(angle*float64(i)/n)
	}
	above, _ := math.Lgamma((freedom + 1) / 2)
	below, _ := math.Lgamma(freedom / 2)
	return 0.5 + math.Exp(above-below)/math.Sqrt(math.Pi)*sum*angle/n/3
}
