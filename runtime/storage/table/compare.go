package table

import (
	"bytes"
	"cmp"
	"math"
	"strings"
	"time"
)

// compare orders the value of a property against a constant of a filter; it is false
// when one of them is no number at all, a NaN.
//
// The service's documentation asks for a constant of the property's own type "in order
// for the filter to return valid results". What it does otherwise was taken from a suite
// that ran against Microsoft's (https://github.com/Andrei15193/CloudStub, its
// StubCloudTableQueryComparisonTestData): an integer constant also meets wider numbers;
// any other property is less than the constant.
func compare(property, constant any) (order int, ok bool) {
	const less = -1
	switch p := property.(type) {
	case string:
		if c, same := constant.(string); same {
			return strings.Compare(p, c), true
		}
	case bool:
		if c, same := constant.(bool); same {
			return cmp.Compare(truth(p), truth(c)), true
		}
	case int32:
		if c, same := constant.(int32); same {
			return cmp.Compare(p, c), true
		}
	case int64:
		switch c := constant.(type) {
		case int32:
			return cmp.Compare(p, int64(c)), true
		case int64:
			return cmp.Compare(p, c), true
		}
	case float64:
		switch c := constant.(type) {
		case int32:
			return compareDouble(p, float64(c))
		case int64:
			return compareDouble(p, float64(c))
		case float64:
			return compareDouble(p, c)
		}
	case time.Time:
		if c, same := constant.(time.Time); same {
			return p.Compare(c), true
		}
	case []byte:
		if c, same := constant.([]byte); same {
			return bytes.Compare(p, c), true
		}
	case GUID:
		if c, same := constant.(GUID); same {
			return strings.Compare(string(p), string(c)), true
		}
	}
	return less, true
}

func compareDouble(p, c float64) (order int, ok bool) {
	return cmp.Compare(p, c), !math.IsNaN(p) && !math.IsNaN(c)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
