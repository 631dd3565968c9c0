package plugin

import (
	"fmt"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/analyzer"
)

// Settings are what golangci-lint's configuration may say under
// linters.settings.custom.idemlint.settings.
type Settings struct {
	// Checks are the checks to run: names, or names to leave out with "-" before them,
	// from left to right; "all" stands for every check. All where empty.
	Checks []string `json:"checks"`
	// Tests reports findings in test files and generated files, too; false by default.
	// golangci-lint itself drops what it finds in generated files unless told otherwise.
	Tests bool `json:"tests"`
	// Blobwrite are the options of the check of that name.
	Blobwrite Blobwrite `json:"blobwrite"`
}

// Blobwrite are the options of the check blobwrite; its page says what they mean.
type Blobwrite struct {
	Strict bool `json:"strict"`
}

func (s Settings) choose() ([]*analysis.Analyzer, error) {
	if len(s.Checks) == 0 {
		return analyzer.Analyzers(), nil
	}
	chosen, err := analyzer.Choose(analyzer.Analyzers(), s.Checks...)
	if err != nil {
		return nil, fmt.Errorf("checks: %w", err)
	}
	return chosen, nil
}

// flags are the options of a check as its flags take them.
func (s Settings) flags(check string) map[string]string {
	values := map[string]string{}
	options := field(reflect.ValueOf(s), check)
	if !options.IsValid() || options.Kind() != reflect.Struct {
		return values
	}
	for i := range options.NumField() {
		values[key(options.Type().Field(i))] = fmt.Sprint(options.Field(i).Interface())
	}
	return values
}

// field finds the field with a key.
func field(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		if key(v.Type().Field(i)) == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

// key is the name of a field in the configuration.
func key(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}
