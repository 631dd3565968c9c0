package main

import (
	"bytes"
	"image/color"
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/idemlint/idemlint/runtime/tune"
)

// plotChoice is an SVG of what comes of each lease with the choice's client: the delay,
// the duplicates, and the cost with its intervals of confidence. The same choice gives the
// same bytes.
func plotChoice(c tune.Choice) ([]byte, error) {
	canvas := vgsvg.New(width, height)
	if err := drawChoice(c, draw.New(canvas)); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return nil, err
	}
	// Few have the font that the text was measured with; Arial's letters are as wide.
	return bytes.ReplaceAll(out.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Liberation Sans,Arial,sans-serif")), nil
}

const width, height = 30 * vg.Centimeter, 10 * vg.Centimeter

func drawChoice(c tune.Choice, area draw.Canvas) error {
	plot.DefaultFont.Variant = "Sans"
	panels := []panel{
		{title: "mean delay", unit: "seconds", log: true, value: func(r tune.Result) (float64, float64) { return r.Mean.Seconds(), 0 }},
		{title: "duplicates", unit: "per 1,000 messages", value: func(r tune.Result) (float64, float64) { return r.Duplicates, 0 }},
		{title: "cost of a message", unit: "at the given prices", log: true, value: func(r tune.Result) (float64, float64) { return r.Cost, r.Half }},
	}
	row := make([]*plot.Plot, len(panels))
	for i, p := range panels {
		one, err := p.plot(c, i == 1) // there is room where duplicates are few
		if err != nil {
			return err
		}
		row[i] = one
	}
	area.FillPolygon(color.White, []vg.Point{area.Min, {X: area.Min.X, Y: area.Max.Y}, area.Max, {X: area.Max.X, Y: area.Min.Y}})
	tiles := draw.Tiles{Rows: 1, Cols: len(row), PadX: 5 * vg.Millimeter, PadTop: 3 * vg.Millimeter, PadBottom: 3 * vg.Millimeter, PadRight: 4 * vg.Millimeter, PadLeft: 2 * vg.Millimeter}
	for i, at := range plot.Align([][]*plot.Plot{row}, tiles, area)[0] {
		row[i].Draw(at)
	}
	return nil
}

// panel is one of the plots. value is what it shows of a result, and half of the interval.
type panel struct {
	title, unit string
	log         bool
	value       func(tune.Result) (v, half float64)
}

// Two colours that stay apart for the colour-blind, and others for more.
var colours = []color.Color{
	color.RGBA{R: 0xd5, G: 0x5e, A: 0xff},
	color.RGBA{G: 0x72, B: 0xb2, A: 0xff},
	color.RGBA{G: 0x9e, B: 0x73, A: 0xff},
	color.RGBA{R: 0xcc, G: 0x79, B: 0xa7, A: 0xff},
}

func (p panel) plot(c tune.Choice, legend bool) (*plot.Plot, error) {
	one := plot.New()
	one.Title.Text = p.title
	one.X.Label.Text = "visibility timeout"
	one.Y.Label.Text = p.unit
	one.X.Scale = plot.LogScale{}
	one.X.Tick.Marker = leases(c.Grid.Visibility)
	one.X.Tick.Label.Rotation = math.Pi / 2
	one.X.Tick.Label.XAlign, one.X.Tick.Label.YAlign = draw.XRight, draw.YCenter
	if p.log {
		one.Y.Scale = plot.LogScale{}
		one.Y.Tick.Marker = decades{}
	}
	one.Add(plotter.NewGrid())
	for i, renew := range c.Grid.Renew {
		points := p.points(c, renew)
		if len(points.XYs) == 0 {
			continue
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return nil, err
		}
		bars, err := plotter.NewYErrorBars(points)
		if err != nil {
			return nil, err
		}
		colour := colours[i%len(colours)]
		line.Color, marks.Color, bars.Color = colour, colour, colour
		line.Width = vg.Points(1.5)
		if i%2 == 1 {
			line.Dashes = []vg.Length{vg.Points(5), vg.Points(2)} // for who sees no colours
		}
		marks.Shape = draw.CircleGlyph{}
		one.Add(line, marks, bars)
		if legend {
			name := "not renewed"
			if renew > 0 {
				name = "renewed at " + tune.RenewText(renew)
			}
			one.Legend.Add(name, line, marks)
		}
	}
	choice, err := p.choice(c)
	if err != nil {
		return nil, err
	}
	one.Add(choice)
	if legend {
		one.Legend.Add("choice", choice)
		one.Legend.Top = true
	}
	// Room for marks at the edges, and a scale for values that are all the same.
	if p.log {
		one.Y.Min, one.Y.Max = one.Y.Min/1.2, one.Y.Max*1.2
	} else {
		one.Y.Min, one.Y.Max = 0, math.Max(1, one.Y.Max*1.05)
	}
	one.X.Min, one.X.Max = one.X.Min/1.2, one.X.Max*1.2
	return one, nil
}

// choice is a ring around the choice.
func (p panel) choice(c tune.Choice) (*plotter.Scatter, error) {
	v, _ := p.value(c.Best)
	ring, err := plotter.NewScatter(plotter.XYs{{X: c.Best.Visibility.Seconds(), Y: p.positive(v)}})
	if err != nil {
		return nil, err
	}
	ring.Shape = draw.RingGlyph{}
	ring.Radius = vg.Points(6)
	ring.Color = color.Black
	return ring, nil
}

// positive keeps a value where the scale can show it.
func (p panel) positive(v float64) float64 {
	if p.log {
		return math.Max(v, 1e-3)
	}
	return v
}

type points struct {
	plotter.XYs
	plotter.YErrors
}

func (p panel) points(c tune.Choice, renew int) points {
	var all points
	for _, visibility := range c.Grid.Visibility {
		s := c.Best.Setting
		s.Visibility, s.Renew = visibility, renew
		r, ok := c.Find(s)
		if !ok {
			continue
		}
		v, half := p.value(r)
		v = p.positive(v)
		low := half
		if p.log {
			low = math.Min(half, v/2) // a bar to zero would have no end
		}
		all.XYs = append(all.XYs, plotter.XY{X: visibility.Seconds(), Y: v})
		all.YErrors = append(all.YErrors, struct{ Low, High float64 }{low, half})
	}
	return all
}

// decades are the ticks of a logarithmic scale: 1, 2, 5, 10 and so on.
type decades struct{}

func (decades) Ticks(low, high float64) []plot.Tick {
	var ticks []plot.Tick
	for exponent := math.Floor(math.Log10(low)); exponent <= math.Log10(high); exponent++ {
		for _, n := range []float64{1, 2, 5} {
			if v := n * math.Pow(10, exponent); v >= low && v <= high {
				ticks = append(ticks, plot.Tick{Value: v, Label: strconv.FormatFloat(v, 'g', 3, 64)})
			}
		}
	}
	return ticks
}

// leases are the ticks: the visibility timeouts of the grid.
type leases []time.Duration

func (l leases) Ticks(_, _ float64) []plot.Tick {
	var ticks []plot.Tick
	for _, d := range l {
		ticks = append(ticks, plot.Tick{Value: d.Seconds(), Label: tune.Short(d)})
	}
	return ticks
}
