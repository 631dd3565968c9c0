// Package demo holds five small queue workers, for trying idemlint out. Four have a
// bug that shows only when a message is delivered twice; the thumbnail has none.
package demo
