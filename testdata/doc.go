// Package testdata holds the handlers that the checks are tested on, written
// against the real SDKs. It is a module of its own: nobody who adds the linter as
// a tool shall have his SDK versions bumped by it.
package testdata
