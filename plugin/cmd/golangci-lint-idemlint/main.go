// Command golangci-lint-idemlint is golangci-lint with idemlint compiled in. It takes
// golangci-lint's flags and configuration.
package main

import (
	"fmt"
	"os"
	"runtime/debug"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	_ "github.com/idemlint/idemlint/plugin"
)

func main() {
	// golangci-lint keeps its cache under the version, and under the hash of the
	// program where there is none. The latter is right for every build.
	info := commands.BuildInfo{Version: "(devel)"}
	if build, ok := debug.ReadBuildInfo(); ok {
		info.GoVersion = build.GoVersion
	}
	if err := commands.Execute(info); err != nil {
		fmt.Fprintf(os.Stderr, "golangci-lint-idemlint: %v\n", err)
		os.Exit(exitcodes.Failure)
	}
}
