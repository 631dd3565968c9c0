package missingdelete

import "github.com/idemlint/idemlint/internal/doc"

// Doc is the check's documentation.
var Doc = doc.Check{Name: "missingdelete", Summary: "stub"}
