package tune

import (
	"math"
	"testing"
)

// The quantiles of Student's distribution are those of the tables.
func TestStudentQuantile(t *testing.T) {
	for _, c := range []struct{ p, freedom, want float64 }{
		{0.975, 1, 12.706}, {0.975, 2, 4.303}, {0.975, 9, 2.262}, {0.975, 29, 2.045},
		{0.995, 4, 4.604}, {0.995, 19, 2.861}, {0.9995, 9, 4.781}, {0.975, 1000, 1.962},
	} {
		if got := studentQuantile(c.p, c.freedom); math.Abs(got-c.want) > 0.0006 {
			t.Errorf("quantile %v with %v degrees of freedom: %.4f, want %.3f", c.p, c.freedom, got, c.want)
		}
	}
}

// An interval of 95% has the true mean in it 95 times of a hundred.
func TestIntervalsAreRight(t *testing.T) {
	const trials, n = 4000, 5
	right := 0
	for trial := range uint64(trials) {
		var values []float64
		for i := range uint64(n) {
			values = append(values, 3+normalQuantile(chance(0).of(arrival, trial, i)))
		}
		if e := estimated(values, 0.05); math.Abs(e.mean-3) <= e.half {
			right++
		}
	}
	// Four standard errors of the share are 1.4%.
	if share := float64(right) / trials; math.Abs(share-0.95) > 0.014 {
		t.Errorf("%.3f of the intervals are right, want 0.95", share)
	}
}

// One value says nothing of how far it is off.
func TestNoIntervalFromOne(t *testing.T) {
	if e := estimated([]float64{7}, 0.05); e.mean != 7 || !math.IsInf(e.half, 1) {
		t.Errorf("%v ± %v", e.mean, e.half)
	}
}

// Chance is even, and what it decides about one thing says nothing of another.
func TestChance(t *testing.T) {
	const n = 100_000
	var tenths [10][10]float64
	for i := range uint64(n) {
		a, b := chance(1).of(crashTime, i, 1), chance(1).of(crashTime, i, 2)
		if a < 0 || a >= 1 {
			t.Fatalf("%v is not from 0 to 1", a)
		}
		tenths[int(10*a)][int(10*b)]++
	}
	var chi2 float64
	for _, row := range tenths {
		for _, count := range row {
			chi2 += (count - n/100) * (count - n/100) / (n / 100)
		}
	}
	// 99 degrees of freedom: 1 of 1,000 is above 149.
	if chi2 > 149 {
		t.Errorf("chi² is %.0f", chi2)
	}
}
