package storage_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"

	"github.com/idemlint/idemlint/runtime/storage"
)

// TestTablesAtRandom plays changes that nobody thought of, the same against the account
// in this process and against Azurite: each has the same outcome in both, and so has
// what is there in the end.
func TestTablesAtRandom(t *testing.T) {
	const seeds, changes = 4, 60
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			var first []string
			each(t, func(t *testing.T, c storage.Clients) {
				p := &tablePlay{t: t, clients: c, name: unique(t, "random")}
				p.table = c.Tables.NewClient(p.name)
				if _, err := p.table.CreateTable(t.Context(), nil); err != nil {
					t.Fatal(err)
				}
				g := gambler{tablePlay: p, rand: rand.New(rand.NewPCG(seed, 0)), seen: map[string][]azcore.ETag{}}
				for range changes {
					g.change()
				}
				for _, row := range rows {
					p.get("p", row)
				}
				if first == nil {
					first = p.log
				}
				for i, line := range p.log {
					if i >= len(first) || line != first[i] {
						t.Fatalf("line %d is other:\n\t%s\nbefore:\n\t%s", i, strings.Join(p.log, "\n\t"), strings.Join(first, "\n\t"))
					}
				}
				if refused := slices.Index(p.log, "412 UpdateConditionNotSatisfied"); refused < 0 {
					t.Error("no change has met a condition that failed: these seeds show too little")
				}
			})
		})
	}
}

var rows = []string{"a", "b", "c", "d"}

// gambler makes changes at random.
type gambler struct {
	*tablePlay
	rand *rand.Rand
	seen map[string][]azcore.ETag // the versions of each row, oldest first
}

// draw is an entity of this row with some properties.
func (g *gambler) draw(row string) []byte {
	var properties []any
	for _, name := range []string{"A", "B", "C"} {
		if g.rand.IntN(2) == 0 {
			properties = append(properties, name, g.rand.IntN(10))
		}
	}
	return entity("p", row, properties...)
}

// condition is none, any version, or one that the row has or had.
func (g *gambler) condition(row string) *azcore.ETag {
	switch seen := g.seen[row]; {
	case g.rand.IntN(3) == 0:
		return nil
	case len(seen) == 0 || g.rand.IntN(3) == 0:
		return etag("*")
	default:
		return &seen[len(seen)-1-g.rand.IntN(min(2, len(seen)))]
	}
}

func (g *gambler) change() {
	row := rows[g.rand.IntN(len(rows))]
	mode := []aztables.UpdateMode{merge, replace}[g.rand.IntN(2)]
	var version azcore.ETag
	switch g.rand.IntN(6) {
	case 0:
		g.say("add %s", row)
		version = g.add(g.draw(row))
	case 1, 2:
		g.say("update %s %s", row, mode)
		version = g.update(g.draw(row), mode, g.condition(row))
	case 3:
		g.say("upsert %s %s", row, mode)
		version = g.upsert(g.draw(row), mode)
	case 4:
		g.say("remove %s", row)
		g.remove("p", row, g.condition(row))
	case 5:
		g.transaction()
	}
	if version != "" {
		g.seen[row] = append(g.seen[row], version)
	}
}

// transaction makes several changes at once, and then looks which versions there are.
func (g *gambler) transaction() {
	kinds := []aztables.TransactionType{
		aztables.TransactionTypeAdd, aztables.TransactionTypeUpdateMerge, aztables.TransactionTypeUpdateReplace,
		aztables.TransactionTypeInsertMerge, aztables.TransactionTypeInsertReplace, aztables.TransactionTypeDelete,
	}
	order := g.rand.Perm(len(rows))[:1+g.rand.IntN(3)]
	var actions []aztables.TransactionAction
	for _, i := range order {
		a := aztables.TransactionAction{ActionType: kinds[g.rand.IntN(len(kinds))], Entity: g.draw(rows[i])}
		if a.ActionType != aztables.TransactionTypeAdd {
			a.IfMatch = g.condition(rows[i])
		}
		g.say("%s %s in a transaction", a.ActionType, rows[i])
		actions = append(actions, a)
	}
	g.submit(actions...)
	for _, i := range order {
		if version := g.get("p", rows[i]); version != "" {
			g.seen[rows[i]] = append(g.seen[rows[i]], version)
		}
	}
}
