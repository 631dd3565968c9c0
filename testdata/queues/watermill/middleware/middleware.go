// Package middleware wraps handlers: it measures them and passes their errors on. Right.
package middleware

import (
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"gocloud.dev/blob"
)

// Timed logs how long a handler took.
func Timed(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		start := time.Now()
		out, err := next(msg)
		slog.Info("handled", "uuid", msg.UUID, "took", time.Since(start), "err", err)
		return out, err
	}
}

// Kept stores a copy of what failed and passes the failure on.
func Kept(bucket *blob.Bucket) message.HandlerMiddleware {
	return func(next message.HandlerFunc) message.HandlerFunc {
		return func(msg *message.Message) ([]*message.Message, error) {
			out, err := next(msg)
			if err == nil {
				return out, nil
			}
			if werr := bucket.WriteAll(msg.Context(), "failed/"+msg.UUID, msg.Payload, nil); werr != nil {
				slog.Error("no copy kept", "uuid", msg.UUID, "err", werr)
			}
			return nil, err
		}
	}
}
