package role_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idemlint/idemlint/runtime/role"
)

func TestRequestsGoToLivingInstancesInTurn(t *testing.T) {
	inWorld(t, func(w world) {
		d, err := role.Deploy(w.Context(), w.account, shop, 3)
		w.must(err)
		defer d.Close()
		var answers []string
		ask := func() {
			_, body, err := order(w.Context(), w, d)
			w.must(err)
			answers = append(answers, body)
		}
		ask()
		d.Instance(1).Kill()
		ask()
		ask()
		w.must(d.Start(1))
		ask()
		want := []string{"shop_IN_0 has it", "shop_IN_2 has it", "shop_IN_0 has it", "shop_IN_1 has it"}
		if !slices.Equal(answers, want) {
			w.Errorf("got %q, want %q", answers, want)
		}
		if err := d.Start(1); !errors.Is(err, role.ErrRunning) {
			w.Errorf("start of a running instance: got %v, want ErrRunning", err)
		}
		d.Close()
		if _, _, err := order(w.Context(), w, d); !errors.Is(err, role.ErrKilled) {
			w.Errorf("all dead: got %v, want ErrKilled", err)
		}
	})
}

func TestPlanIsPlayedInVirtualTime(t *testing.T) {
	inWorld(t, func(w world) {
		began := time.Now()
		var lives []string
		d, err := role.Deploy(w.Context(), w.account, role.Role{Name: "r", Run: func(ctx context.Context, in *role.Instance) error {
			lives = append(lives, fmt.Sprint(in.Name(), " ", time.Since(began)))
			<-ctx.Done()
			return nil
		}}, 1)
		w.must(err)
		defer d.Close()
		w.must(d.Play(w.Context(), role.Plan{
			{At: 1 * time.Minute, Act: role.ActKill},
			{At: 1 * time.Minute, Act: role.ActThaw}, // impossible: left out
			{At: 2 * time.Minute, Act: role.ActStart},
			{At: 3 * time.Minute, Act: role.ActStop},
			{At: 3 * time.Minute, Act: role.ActStart},
		}))
		synctest.Wait()
		if want := []string{"r_IN_0 0s", "r_IN_0 2m0s", "r_IN_0 3m0s"}; !slices.Equal(lives, want) {
			w.Errorf("lives began at %q, want %q", lives, want)
		}
		machine := d.Instance(0).Machine()
		w.must(d.Play(w.Context(), role.Plan{{Act: role.ActFreeze}, {At: time.Minute, Act: role.ActThaw}}))
		if d.Instance(0).Machine() == machine {
			w.Error("not thawed, or not on another machine")
		}
		if err := d.Play(w.Context(), role.Plan{{Act: "explode"}}); err == nil {
			w.Error("an unknown act was played")
		}
	})
}

func TestRandomPlan(t *testing.T) {
	trouble := role.Trouble{Instances: 3, For: time.Hour, Up: 5 * time.Minute, Down: 3 * time.Minute}
	plan := role.RandomPlan(7, trouble)
	if !reflect.DeepEqual(plan, role.RandomPlan(7, trouble)) {
		t.Error("the same seed gave another plan")
	}
	if reflect.DeepEqual(plan, role.RandomPlan(8, trouble)) {
		t.Error("another seed gave the same plan")
	}
	if !slices.IsSortedFunc(plan, func(a, b role.Step) int { return int(a.At - b.At) }) {
		t.Error("not in the order of time")
	}
	back := map[role.Act]role.Act{role.ActKill: role.ActStart, role.ActStop: role.ActStart, role.ActFreeze: role.ActThaw}
	last := map[int]role.Step{}
	count := map[role.Act]int{}
	for _, step := range plan {
		count[step.Act]++
		before, down := last[step.Instance]
		if !down {
			last[step.Instance] = step
			continue
		}
		if back[before.Act] != step.Act || step.At-before.At > trouble.Down {
			t.Errorf("after %q comes %q", before, step)
		}
		delete(last, step.Instance)
	}
	if len(last) > 0 {
		t.Errorf("not brought back: %v", last)
	}
	for act := range back {
		if count[act] == 0 {
			t.Errorf("no %s in %d steps", act, len(plan))
		}
	}
}

func TestStopOfADeployment(t *testing.T) {
	inWorld(t, func(w world) {
		failure := errors.New("could not flush")
		d, err := role.Deploy(w.Context(), w.account, role.Role{Run: func(ctx context.Context, in *role.Instance) error {
			<-ctx.Done()
			time.Sleep(10 * time.Second)
			if in.Name() == "role_IN_1" {
				return failure
			}
			return nil
		}}, 3)
		w.must(err)
		began := time.Now()
		if err := d.Stop(); !errors.Is(err, failure) {
			w.Errorf("got %v, want what an instance returned", err)
		}
		if took := time.Since(began); took != 10*time.Second {
			w.Errorf("took %v: not at the same time", took)
		}
		d.Close()
	})
}
