package storage_test

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end the command when this process ends in a way that
// TestMain does not see, such as a test that timed out.
func dieWithParent(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
