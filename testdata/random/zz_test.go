package random

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestX(t *testing.T) {
	os.RemoveAll("../_randomx")
	count := map[string]int{}
	for pk := 0; pk < 12; pk++ {
		var codes []string
		for i := range 25 {
			p := Draw(1, pk*25+i)
			code, _ := p.Source()
			codes = append(codes, "// plan: "+p.Shape()+"\n\n"+code)
			for _, f := range p.Faults() {
				count[f.Check]++
			}
			if len(p.Faults()) == 0 {
				count["none"]++
			}
			_ = strings.ToLower
		}
		f, err := File(fmt.Sprintf("p%02d", pk), codes...)
		if err != nil {
			t.Error(err)
		}
		d := fmt.Sprintf("../_randomx/p%02d", pk)
		os.MkdirAll(d, 0o777)
		os.WriteFile(filepath.Join(d, "h.go"), []byte(f), 0o666)
	}
	fmt.Println(count)
}
