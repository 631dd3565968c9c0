package contract

import (
	"errors"
	"fmt"
)

// errStored says that an earlier delivery stored the contract.
var errStored = errors.New("contract is stored")

// PermanentError will not go away by itself.
type PermanentError struct {
	Reason string
	Err    error
}

func (e *PermanentError) Error() string { return fmt.Sprintf("%s: %v", e.Reason, e.Err) }

func (e *PermanentError) Unwrap() error { return e.Err }

func permanent(reason string, err error) error { return &PermanentError{Reason: reason, Err: err} }
