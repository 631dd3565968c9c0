package table

import (
	"encoding/json"
	"unicode/utf8"
)

// jsonKind is the type of a JSON value that a property can have.
type jsonKind uint8

const (
	jsonNull jsonKind = iota
	jsonBool
	jsonNumber
	jsonString
	jsonNested // an object or an array, which no property can have
)

// jsonValue is one value of a flat object: the text of a string without its quotes and
// escapes, else the literal.
type jsonValue struct {
	kind jsonKind
	text string
}

// eachMember calls visit with every member of the JSON object body, in order. It is
// false when body is no JSON object, or when visit is.
//
// Entities are flat, so one pass over text that is known to be valid is enough, at a
// fraction of the cost of a decoder.
func eachMember(body []byte, visit func(name string, v jsonValue) bool) bool {
	if !json.Valid(body) {
		return false
	}
	at := blank(body, 0)
	if body[at] != '{' {
		return false
	}
	at = blank(body, at+1)
	for body[at] != '}' {
		end := literalEnd(body, at)
		name := unquote(body[at:end])
		at = blank(body, blank(body, end)+1) // over the colon
		end = literalEnd(body, at)
		if !visit(name, valueOf(body[at:end])) {
			return false
		}
		if at = blank(body, end); body[at] == ',' {
			at = blank(body, at+1)
		}
	}
	return true
}

func blank(body []byte, at int) int {
	for body[at] == ' ' || body[at] == '\t' || body[at] == '\n' || body[at] == '\r' {
		at++
	}
	return at
}

// literalEnd is where the value that begins at ends.
func literalEnd(body []byte, at int) int {
	depth := 0
	for {
		switch body[at] {
		case '"':
			for at++; body[at] != '"'; at++ {
				if body[at] == '\\' {
					at++
				}
			}
			at++
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		default:
			for at++; !delimits(body[at]); at++ {
			}
		}
		if depth <= 0 {
			return at
		}
		at = inside(body, at)
	}
}

// inside passes over what stands between the values of a nested object or array.
func inside(body []byte, at int) int {
	for {
		switch body[at] {
		case ' ', '\t', '\n', '\r', ',', ':':
			at++
		default:
			return at
		}
	}
}

func delimits(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', ',', ':', '}', ']', '"', '{', '[':
		return true
	}
	return false
}

func valueOf(literal []byte) jsonValue {
	switch literal[0] {
	case '"':
		return jsonValue{jsonString, unquote(literal)}
	case 'n':
		return jsonValue{jsonNull, "null"}
	case 't', 'f':
		return jsonValue{jsonBool, string(literal)}
	case '{', '[':
		return jsonValue{kind: jsonNested}
	}
	return jsonValue{jsonNumber, string(literal)}
}

// unquote is the text of a valid JSON string.
func unquote(literal []byte) string {
	inner := literal[1 : len(literal)-1]
	for _, c := range inner {
		if c == '\\' || c >= utf8.RuneSelf {
			var s string
			_ = json.Unmarshal(literal, &s) // it is valid
			return s
		}
	}
	return string(inner)
}

// appendString writes s as a JSON string.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			quoted, _ := json.Marshal(s) // a string cannot fail
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}
