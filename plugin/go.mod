module github.com/idemlint/idemlint/plugin

go 1.26.0

require (
	github.com/golangci/plugin-module-register v0.1.2
	github.com/idemlint/idemlint v0.0.0-20261123033409-b9105b5e0f35
	golang.org/x/tools v0.52.0
)

replace github.com/idemlint/idemlint => ../
