// Package plugin is idemlint as a module plugin of golangci-lint v2.
//
// A golangci-lint that imports it has a linter named idemlint, which the configuration
// must declare under linters.settings.custom with "type: module". Its settings are
// those of Settings.
package plugin

import (
	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/idemlint/idemlint/analyzer"
	"github.com/idemlint/idemlint/internal/report"
)

// Name is the linter's name in golangci-lint.
const Name = "idemlint"

func init() { register.Plugin(Name, New) }

// New makes the plugin from the settings in golangci-lint's configuration. A key that
// Settings does not know is an error that names it, and so is a check that does not
// exist.
func New(raw any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[Settings](raw)
	if err != nil {
		return nil, err
	}
	checks, err := s.choose()
	if err != nil {
		return nil, err
	}
	if err := s.apply(); err != nil {
		return nil, err
	}
	return linter(checks), nil
}

// linter is what golangci-lint asks; it lists the checks chosen.
type linter []*analysis.Analyzer

// BuildAnalyzers lists the checks, and what reads the comments that speak to them.
func (l linter) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	list := []*analysis.Analyzer{analyzer.Directives()}
	for _, a := range l {
		list = append(list, inline(a))
	}
	return list, nil
}

// GetLoadMode asks for types: with syntax alone golangci-lint gives none.
func (linter) GetLoadMode() string { return register.LoadModeTypesInfo }

// apply sets the flags of the checks, and what is reported of tests.
func (s Settings) apply() error {
	report.Tests = s.Tests
	for _, a := range analyzer.Analyzers() {
		for name, value := range s.flags(a.Name) {
			if err := a.Flags.Set(name, value); err != nil {
				return err
			}
		}
	}
	return nil
}
