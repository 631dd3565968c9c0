package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"

	"github.com/idemlint/idemlint/runtime/idem"
	"github.com/idemlint/idemlint/runtime/storage"
)

// addOne counts an order: read, add, write under the version that was read. No two workers
// can lose an update. One message that comes twice counts twice all the same.
func addOne(ctx context.Context, cell idem.Cell) error {
	text, version, err := cell.Read(ctx)
	if err != nil {
		return err
	}
	var stored struct {
		Value total `json:"value"`
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &stored); err != nil {
			return err
		}
	}
	stored.Value.Orders++
	text, err = json.Marshal(stored)
	if err != nil {
		return err
	}
	_, err = cell.Write(ctx, text, version)
	return err
}

// thumbnail writes a small picture of a big one. Written twice it is the same.
func thumbnail(ctx context.Context, c storage.Clients, name string) error {
	got, err := c.Blobs.NewContainerClient("pictures").NewBlobClient(name).DownloadStream(ctx, nil)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	big, err := png.Decode(got.Body)
	if err != nil {
		return err
	}
	var small bytes.Buffer
	if err := png.Encode(&small, shrink(big, 40)); err != nil {
		return err
	}
	_, err = c.Blobs.NewContainerClient("thumbnails").NewBlockBlobClient(name).UploadBuffer(ctx, small.Bytes(), nil)
	return err
}

// shrink takes one point of each square, so that the picture is as wide as said.
func shrink(big image.Image, width int) image.Image {
	size := big.Bounds().Size()
	small := image.NewRGBA(image.Rect(0, 0, width, size.Y*width/size.X))
	for x := range width {
		for y := range small.Rect.Max.Y {
			small.Set(x, y, big.At(x*size.X/width, y*size.X/width))
		}
	}
	return small
}

// picture is a picture to upload.
func picture(width, height int) []byte {
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			p.Set(x, y, color.RGBA{R: uint8(x), G: uint8(y), B: 128, A: 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		panic(err) // into memory, of a picture that is one
	}
	return b.Bytes()
}
