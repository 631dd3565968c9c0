module github.com/idemlint/idemlint/runtime

go 1.26.0
