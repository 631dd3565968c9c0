// Package domain archives measurements.
//
// Right: a measurement is archived under its own station and time.
package domain

import (
	"context"
	"fmt"
	"time"
)

// Measurement is what a station sends.
type Measurement struct {
	Station string    `json:"station"`
	Taken   time.Time `json:"taken"`
	Celsius float64   `json:"celsius"`
}

// Archive keeps measurements.
type Archive interface {
	Put(ctx context.Context, key string, m Measurement) error
}

// Archivist archives.
type Archivist struct{ Archive Archive }

// Measured archives one measurement.
func (a Archivist) Measured(ctx context.Context, m Measurement) error {
	return a.Archive.Put(ctx, fmt.Sprintf("%s/%s", m.Station, m.Taken.UTC().Format("20060102T150405")), m)
}
