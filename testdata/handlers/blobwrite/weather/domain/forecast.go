// Package domain turns measurements into the forecast on the front page.
package domain

import "context"

// Measurement is what a station sends.
type Measurement struct {
	Station string  `json:"station"`
	Celsius float64 `json:"celsius"`
	Hectopa float64 `json:"hPa"`
}

// Forecast is what the front page shows.
type Forecast struct {
	Text    string  `json:"text"`
	Celsius float64 `json:"celsius"`
}

// FrontPage shows forecasts.
type FrontPage interface {
	Show(ctx context.Context, f Forecast) error
}

// Forecaster forecasts.
type Forecaster struct {
	page FrontPage
}

// NewForecaster returns a Forecaster that writes to the given page.
func NewForecaster(page FrontPage) *Forecaster { return &Forecaster{page: page} }

// Measured takes a measurement into account.
func (f *Forecaster) Measured(ctx context.Context, m Measurement) error {
	text := "changeable"
	switch {
	case m.Hectopa > 1020:
		text = "fair"
	case m.Hectopa < 1000:
		text = "storm"
	}
	return f.page.Show(ctx, Forecast{Text: text, Celsius: m.Celsius})
}
