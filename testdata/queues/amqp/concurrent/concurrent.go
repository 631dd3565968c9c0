// Package concurrent works on each delivery in a goroutine, which settles at its end.
package concurrent

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

type Crawler struct {
	client *http.Client
	wg     sync.WaitGroup
}

func New() *Crawler { return &Crawler{client: &http.Client{Timeout: time.Minute}} }

func (c *Crawler) Run(deliveries <-chan amqp.Delivery) {
	for d := range deliveries {
		c.wg.Add(1)
		go func() {
			defer c.wg.Done()
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
			defer cancel()
			if err := c.visit(ctx, string(d.Body)); err != nil {
				slog.Warn("visit", "url", string(d.Body), "err", err)
				if err := d.Nack(false, true); err != nil {
					slog.Error("nack", "err", err)
				}
				return
			}
			if err := d.Ack(false); err != nil {
				slog.Error("ack", "err", err)
			}
		}()
	}
	c.wg.Wait()
}

func (c *Crawler) visit(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 500 {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	return nil
}
