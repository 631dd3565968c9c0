package main

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// list is a flag with several values, separated by commas.
func list[T any](flags *flag.FlagSet, name, usage string, into *[]T, parse func(string) (T, error)) {
	flags.Func(name, usage, func(text string) error {
		*into = nil
		for part := range strings.SplitSeq(text, ",") {
			value, err := parse(strings.TrimSpace(part))
			if err != nil {
				return err
			}
			*into = append(*into, value)
		}
		return nil
	})
}

func parseTimeout(text string) (time.Duration, error) {
	if text == "none" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err == nil && d <= 0 {
		err = fmt.Errorf("%v is not a timeout; none is", d)
	}
	return d, err
}

// number is a flag for a number that is not negative. Package tune takes 0 for the default
// and less for nothing; here 0 is nothing.
func number(flags *flag.FlagSet, name, usage string, into *float64, value float64) {
	flags.Func(name, fmt.Sprintf("%s (default %v)", usage, value), func(text string) error {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= 0) {
			return fmt.Errorf("want a number, not less than 0")
		}
		*into = v
		if v == 0 {
			*into = -1
		}
		return nil
	})
}

// span is likewise for a time.
func span(flags *flag.FlagSet, name, usage string, into *time.Duration, value time.Duration) {
	flags.Func(name, fmt.Sprintf("%s (default %v)", usage, value), func(text string) error {
		v, err := time.ParseDuration(text)
		if err != nil || v < 0 {
			return fmt.Errorf("want a time such as 90s or 24h, not less than 0")
		}
		*into = v
		if v == 0 {
			*into = -1
		}
		return nil
	})
}
