// Package queues holds handlers on other queues and stores than Azure's, a folder for
// each SDK.
package queues
