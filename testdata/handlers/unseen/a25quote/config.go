package quote

import (
	"os"
	"strconv"
	"time"
)

// Config of a Fetcher.
type Config struct {
	Upstream       string
	RequestTimeout time.Duration
	MaxAttempts    int
	Backoff        time.Duration
}

// ConfigFromEnv reads the environment.
func ConfigFromEnv() Config {
	return Config{
		Upstream:       os.Getenv("QUOTE_UPSTREAM"),
		RequestTimeout: durationEnv("QUOTE_TIMEOUT", 10*time.Second),
		MaxAttempts:    intEnv("QUOTE_ATTEMPTS", 5),
		Backoff:        durationEnv("QUOTE_BACKOFF", time.Second),
	}
}

func durationEnv(name string, fallback time.Duration) time.Duration {
	if d, err := time.ParseDuration(os.Getenv(name)); err == nil {
		return d
	}
	return fallback
}

func intEnv(name string, fallback int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return fallback
}
