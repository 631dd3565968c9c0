package output

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// chromium runs a headless browser on a page, with more flags.
func chromium(t *testing.T, flags ...string) []byte {
	t.Helper()
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("no Chromium in the PATH: nobody looks at the page here")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	profile := t.TempDir()
	cmd := exec.CommandContext(ctx, browser, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--user-data-dir=" + profile,
	}, flags...)...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", browser, err, errs.Bytes())
	}
	return out
}

// TestPageInBrowser looks at the page as a browser shows it, light and dark, in wide and
// narrow windows: it has the background of its scheme, something is drawn on it, and
// nothing makes it wider than the window. With IDEMLINT_SCREENSHOTS set to a directory
// the pictures are left there.
func TestPageInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	w, r := onDisk(t)
	var page bytes.Buffer
	w.Out, w.Format = &page, HTML
	if err := w.Report(r); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "page.html")
	if err := os.WriteFile(file, page.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	address := (&url.URL{Scheme: "file", Path: file}).String()
	pictures := dir
	if d := os.Getenv("IDEMLINT_SCREENSHOTS"); d != "" {
		pictures = d
	}
	for _, scheme := range []struct {
		name, number string
		dark         bool
	}{{"dark", "0", true}, {"light", "1", false}} {
		for _, width := range []int{1280, 500} {
			t.Run(fmt.Sprintf("%s %d", scheme.name, width), func(t *testing.T) {
				name := filepath.Join(pictures, fmt.Sprintf("%s-%d.png", scheme.name, width))
				chromium(t, "--blink-settings=preferredColorScheme="+scheme.number, fmt.Sprintf("--window-size=%d,2400", width), "--screenshot="+name, address)
				picture := decode(t, name)
				if got := picture.Bounds().Dx(); got != width {
					t.Fatalf("%d wide, want %d", got, width)
				}
				if got := brightness(picture, 2, 2); got < 0x40 != scheme.dark {
					t.Errorf("the background's brightness is %#x", got)
				}
				// The letters, the schedule's lines, the highlighted line: many colours.
				if n := colours(picture); n < 50 {
					t.Errorf("only %d colours: nothing is drawn", n)
				}
			})
		}
	}
	t.Run("fits", func(t *testing.T) {
		// The page has no script; one that is put in measures it.
		const measure = `<script>document.title = [innerWidth, document.documentElement.scrollWidth,
			document.querySelectorAll("ol.schedule svg line").length, document.querySelectorAll("tr.here").length].join(" ")</script></body>`
		measured := bytes.Replace(page.Bytes(), []byte("</body>"), []byte(measure), 1)
		if err := os.WriteFile(file, measured, 0o666); err != nil {
			t.Fatal(err)
		}
		for _, width := range []int{1280, 500} {
			_, title, _ := strings.Cut(string(chromium(t, fmt.Sprintf("--window-size=%d,800", width), "--dump-dom", address)), "<title>")
			title, _, _ = strings.Cut(title, "</title>")
			var inner, scroll, lines, here int
			if _, err := fmt.Sscan(title, &inner, &scroll, &lines, &here); err != nil {
				t.Fatalf("the title is %q: %v", title, err)
			}
			if scroll > inner || lines != 5 || here != 2 {
				t.Errorf("in a window of %d: %d wide, %d arrows, %d highlighted lines; want at most %d, 5, 2", inner, scroll, lines, here, inner)
			}
		}
	})
}

func decode(t *testing.T, name string) image.Image {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

func brightness(picture image.Image, x, y int) uint32 {
	r, g, b, _ := picture.At(x, y).RGBA()
	return (r + g + b) / 3 >> 8
}

func colours(picture image.Image) int {
	seen := map[[3]uint32]bool{}
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
			r, g, b, _ := picture.At(x, y).RGBA()
			seen[[3]uint32{r, g, b}] = true
		}
	}
	return len(seen)
}
