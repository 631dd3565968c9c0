// Package stdlib tells the standard library's packages from all others. A module's path
// need not have a dot in it, so a dot does not tell.
package stdlib

import (
	"slices"
	"strings"
)

// Has reports whether the import path is the standard library's (or the go command's).
func Has(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return slices.Contains(roots, first)
}

// roots are the first elements of the standard library's paths.
var roots = strings.Fields(`archive bufio builtin bytes cmd cmp compress container context crypto database debug
	embed encoding errors expvar flag fmt go hash html image index internal io iter log maps math mime net os path
	plugin reflect regexp runtime slices sort strconv strings structs sync syscall testing text time unicode unique
	unsafe vendor weak`)
