// Package fixes holds the tests of the fixes that findings bring. Each case in testdata
// is a handler; where its findings have fixes, what they make of it stands beside it in
// handler.go.golden.
package fixes
