package directive

// Checks are the names that //idemlint:ignore and //nolint may give. The checks
// import this package, so that it cannot ask the suite; a test of the command keeps
// the two lists equal.
var Checks = []string{"blobwrite", "deleteonerror", "earlydelete", "etag", "freshkey", "increment", "missingdelete", "sideeffect", "stalereceipt", "visibility"}
