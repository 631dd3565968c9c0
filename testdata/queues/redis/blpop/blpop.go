// Package blpop takes jobs off a list and works on them: what a crash interrupts is gone.
package blpop

import (
	"bytes"
	"context"
	"errors"
	"log"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"
)

var client = &http.Client{Timeout: 10 * time.Second}

func Work(ctx context.Context, rdb *redis.Client, hook string) error {
	for ctx.Err() == nil {
		popped, err := rdb.BLPop(ctx, 5*time.Second, "jobs").Result() // want `settled as it is received.*\(earlydelete\)`
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return err
		}
		resp, err := client.Post(hook, "application/json", bytes.NewReader([]byte(popped[1])))
		if err != nil {
			log.Printf("job: %v", err)
			continue
		}
		resp.Body.Close()
	}
	return ctx.Err()
}
