package role

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Act is what can be done to an instance.
type Act string

// The acts, each the method of that name.
const (
	ActStart  Act = "start"
	ActStop   Act = "stop"
	ActKill   Act = "kill"
	ActFreeze Act = "freeze"
	ActThaw   Act = "thaw"
)

// Step is one act of a [Plan].
type Step struct {
	At       time.Duration // since the plan began
	Instance int
	Act      Act
}

func (s Step) String() string { return fmt.Sprintf("%v %s %d", s.At, s.Act, s.Instance) }

// Plan is what happens to a deployment, in the order of time.
type Plan []Step

// Trouble says what kind of plan [RandomPlan] makes.
type Trouble struct {
	// Instances is how many instances there are.
	Instances int
	// For is how long there is trouble: the last instance comes back at about For + Down.
	For time.Duration
	// Up is the mean time for which an instance runs before something happens to it.
	Up time.Duration
	// Down is the longest time for which an instance is dead or frozen. A Down longer
	// than the visibility timeout makes zombies: instances that are thawed when others
	// have their messages.
	Down time.Duration
	// Acts are what can happen, drawn with equal chances. Default: kill, freeze, stop.
	Acts []Act
}

// RandomPlan draws a plan: the same seed and trouble give the same plan. Whatever is
// killed or stopped is started again, and whatever is frozen is thawed.
func RandomPlan(seed uint64, t Trouble) Plan {
	if len(t.Acts) == 0 {
		t.Acts = []Act{ActKill, ActFreeze, ActStop}
	}
	random := rand.New(rand.NewPCG(seed, 0))
	var plan Plan
	for i := range t.Instances {
		at := time.Duration(0)
		for {
			at += time.Duration(random.ExpFloat64() * float64(t.Up))
			if at >= t.For {
				break
			}
			act := t.Acts[random.IntN(len(t.Acts))]
			back := ActStart
			if act == ActFreeze {
				back = ActThaw
			}
			plan = append(plan, Step{At: at, Instance: i, Act: act})
			at += time.Duration(random.Int64N(int64(t.Down) + 1))
			plan = append(plan, Step{At: at, Instance: i, Act: back})
		}
	}
	slices.SortStableFunc(plan, func(a, b Step) int { return cmp.Compare(a.At, b.At) })
	return plan
}

// Play does what the plan says, at its times, and returns after its last step, or with
// the context's error. What is impossible when its time comes, such as thawing an
// instance that was killed meanwhile, is left out. It fails when an instance cannot be
// started.
func (d *Deployment) Play(ctx context.Context, plan Plan) error {
	began := time.Now()
	for _, step := range plan {
		wait := time.NewTimer(time.Until(began.Add(step.At)))
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
			return ctx.Err()
		}
		if err := d.act(step); err != nil {
			return fmt.Errorf("%v: %w", step, err)
		}
	}
	return nil
}

func (d *Deployment) act(step Step) error {
	in := d.Instance(step.Instance)
	switch step.Act {
	case ActStart:
		if err := d.Start(step.Instance); err != nil && err != ErrRunning {
			return err
		}
	case ActStop:
		// Stopping takes up to the grace period; the plan does not wait for it.
		if in.Ended() == nil {
			in.tell()
			d.stops.Go(func() { _ = in.stopped() })
		}
	case ActKill:
		in.Kill()
	case ActFreeze:
		_ = in.Freeze()
	case ActThaw:
		_ = in.Thaw()
	default:
		return fmt.Errorf("role: no act %q", step.Act)
	}
	return nil
}
