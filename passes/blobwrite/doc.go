package blobwrite

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{Name: "blobwrite", Summary: "stub"}
