// Package script counts each sale once: the script looks for the sale's id in the set of
// those counted, and adds it together with the sale.
package script

import (
	"context"
	"encoding/json"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"
)

var once = redis.NewScript(`
if redis.call("SADD", KEYS[1], ARGV[1]) == 1 then
	redis.call("INCRBY", KEYS[2], ARGV[2])
end
return 0
`)

type sale struct {
	ID, Article string
	N           int64
}

func Sales(ctx context.Context, c jetstream.Consumer, rdb *redis.Client) (jetstream.ConsumeContext, error) {
	return c.Consume(func(msg jetstream.Msg) {
		var s sale
		if err := json.Unmarshal(msg.Data(), &s); err != nil {
			msg.Term()
			return
		}
		if err := once.Run(ctx, rdb, []string{"counted:" + s.Article, "sold:" + s.Article}, s.ID, s.N).Err(); err != nil {
			msg.Nak()
			return
		}
		msg.Ack()
	})
}
