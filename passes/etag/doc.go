package etag

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{Name: "etag", Summary: "stub"}
