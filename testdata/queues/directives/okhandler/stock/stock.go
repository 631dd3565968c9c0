// Package stock is called by the bus. Each way out of its handler says whether the work
// was done; what is no command at all will not become one by coming again.
package stock

import (
	"context"
	"encoding/json"
	"log"

	"github.com/idemlint/idemlint/testdata/queues/directives/okhandler/bus"
)

// Levels keeps the level of each article.
type Levels interface {
	//idemlint:write key=1 value=2
	Set(ctx context.Context, article string, level int) error
}

// Keeper sets levels.
type Keeper struct{ levels Levels }

type command struct {
	Article string
	Level   int
}

func (k *Keeper) set(ctx context.Context, topic, text string) error {
	var c command
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		log.Printf("%s: %v", topic, err)
		return nil
	}
	if c.Article == "" {
		return nil
	}
	return k.levels.Set(ctx, c.Article, c.Level)
}

// Register tells the bus.
func Register(b *bus.Bus, levels Levels) {
	k := &Keeper{levels}
	b.Register("stock", k.set)
}
