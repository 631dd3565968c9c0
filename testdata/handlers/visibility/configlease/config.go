package replication

import "time"

// Config is read by nobody but New; its defaults are what runs in production.
type Config struct {
	Queue      string
	Visibility time.Duration
	Settle     time.Duration
}

func defaults() Config {
	return Config{
		Queue:      "replicate",
		Visibility: 45 * time.Second,
		Settle:     time.Minute,
	}
}
