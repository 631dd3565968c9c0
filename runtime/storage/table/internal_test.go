package table

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
)

// eachMember reads what encoding/json reads.
func TestEachMember(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:                                   ``,
		` { "a" : 1 , "b":"x"} `:               `a=number 1;b=string x;`,
		`{"a":-1.5e3,"b":true,"c":null}`:       `a=number -1.5e3;b=bool true;c=null null;`,
		`{"\u0041\"":"\ud83d\ude00\\","é":""}`: "A\"=string \U0001F600\\;é=string ;",
		`{"a":{"b":[1,{"c":"]}"}],"d":2},"e":[ ],"f":{}}`: `a=nested ;e=nested ;f=nested ;`,
		`{"a":[[[[1]]], "x" ,null ],"b":1}`:               `a=nested ;b=number 1;`,
	} {
		got, ok := walked([]byte(body))
		if !ok || got != want {
			t.Errorf("%s: got %q %v, want %q", body, got, ok, want)
		}
	}
	for _, body := range []string{``, ` `, `[]`, `1`, `"a"`, `null`, `{`, `{"a"}`, `{"a":1,}`, `{"a":1}}`, `{'a':1}`} {
		if got, ok := walked([]byte(body)); ok {
			t.Errorf("%q is read as %q", body, got)
		}
	}
}

func walked(body []byte) (string, bool) {
	var b strings.Builder
	kinds := map[jsonKind]string{jsonNull: "null", jsonBool: "bool", jsonNumber: "number", jsonString: "string", jsonNested: "nested"}
	ok := eachMember(body, func(name string, v jsonValue) bool {
		fmt.Fprintf(&b, "%s=%s %s;", name, kinds[v.kind], v.text)
		return true
	})
	return b.String(), ok
}

// FuzzEachMember holds eachMember to encoding/json: the same objects, the same members.
func FuzzEachMember(f *testing.F) {
	f.Add([]byte(`{"a":[1,{"b":"\"}"}],"c":"\u00e9","d":-0.5e-7,"e":{"f":null} }`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var want map[string]any
		valid := json.Unmarshal(body, &want) == nil && want != nil
		got := map[string]any{}
		ok := eachMember(body, func(name string, v jsonValue) bool {
			switch v.kind {
			case jsonString:
				got[name] = v.text
			case jsonNumber:
				f, err := strconv.ParseFloat(v.text, 64)
				if err != nil {
					valid = false // too large for encoding/json as well
				}
				got[name] = f
			case jsonBool:
				got[name] = v.text == "true"
			default:
				got[name] = nil
			}
			return true
		})
		if !valid {
			return
		}
		if !ok || len(got) != len(want) {
			t.Fatalf("%q: got %v %v, want %v", body, got, ok, want)
		}
		for name, w := range want {
			switch w.(type) {
			case map[string]any, []any:
				w = nil
			}
			if g, found := got[name]; !found || g != w {
				t.Errorf("%q: %q is %v, want %v", body, name, g, w)
			}
		}
	})
}

// A constant that is not of the property's type: see compare.
func TestCompareAcrossTypes(t *testing.T) {
	now := time.Date(2020, 1, 22, 0, 0, 0, 0, time.UTC)
	const id = GUID("68260b3f-beab-45e2-b900-33e2b442e724")
	all := []any{int32(3), int64(3), 3.0, true, now, id, []byte{3}, "3"}
	equal := map[string]bool{"int64 int32": true, "float64 int32": true, "float64 int64": true}
	for _, property := range all {
		for _, constant := range all {
			want := -1
			types := fmt.Sprintf("%T %T", property, constant)
			if fmt.Sprintf("%T", property) == fmt.Sprintf("%T", constant) || equal[types] {
				want = 0
			}
			if order, ok := compare(property, constant); order != want || !ok {
				t.Errorf("%s: %d %v, want %d", types, order, ok, want)
			}
		}
	}
}

func TestNotANumberIsOnlyNotEqual(t *testing.T) {
	for operator, want := range map[string]bool{"eq": false, "ne": true, "lt": false, "le": false, "gt": false, "ge": false} {
		f, refusal := parseFilter("A " + operator + " 1.0")
		if refusal != nil {
			t.Fatal(refusal)
		}
		if got := f.matches(func(string) any { return math.NaN() }); got != want {
			t.Errorf("NaN %s 1.0 is %v", operator, got)
		}
	}
}

func TestNumbersOfFilters(t *testing.T) {
	for word, want := range map[string]any{
		"0": int32(0), "-2147483648": int32(math.MinInt32), "2147483648": int64(1 << 31), "-1L": int64(-1), "7l": int64(7),
		"1.5": 1.5, "-1e3": -1000.0, "3D": 3.0, "3f": 3.0, "1.25d": 1.25,
		"1x": nil, "-": nil, "L": nil, "-L": nil, "1_0": nil, "0x1": nil, "9223372036854775808": 9223372036854775808.0, "9223372036854775808L": nil, "1e999": nil, "--1": nil,
	} {
		got, ok := parseNumber(word)
		if ok != (want != nil) || ok && got != want {
			t.Errorf("%s: got %T %v %v, want %T %v", word, got, got, ok, want, want)
		}
	}
}

func TestDoublesLookLikeDoubles(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -3: "-3.0", 1234.1234: "1234.1234", 1e15: "1E+15", 1e-7: "1E-07",
		math.MaxFloat64: "1.7976931348623157E+308", math.Inf(-1): `"-Infinity"`,
	} {
		if got := string(appendDouble(nil, f)); got != want {
			t.Errorf("%v: %s, want %s", f, got, want)
		}
	}
}

func TestContinuationComesBack(t *testing.T) {
	for _, text := range []string{"", "a", "ab", "abc", "ünïcode", "\xff\xfe"} {
		if got, ok := resumed(continuation(text)); got != text || !ok {
			t.Errorf("%q came back as %q %v", text, got, ok)
		}
	}
	for _, token := range []string{"a", "1!", "1!2!", "1!3!YQ--", "2!4!YQ--", "1!4!****"} {
		if got, ok := resumed(token); ok && continuation(got) != token {
			t.Errorf("%s is read as %q", token, got)
		}
	}
}
