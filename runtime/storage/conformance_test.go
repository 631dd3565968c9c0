package storage_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	azblob "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"

	"github.com/idemlint/idemlint/runtime/storage"
)

// The conformance tests play the same calls of the official clients against the account
// in this process and against Azurite, Microsoft's emulator (npm package azurite), and
// expect the same of both, but for the differences that they list: those of version
// 3.35.0, which .ci/run installs. Azurite is looked for on PATH and in the folder named by
// IDEMLINT_AZURITE, where npm has installed it; without it only the account in this
// process is tested.

// noRetries leaves each call at one request, so that its answer is what the test sees.
var noRetries = policy.RetryOptions{MaxRetries: -1}

// each runs f as the subtest "inprocess" on an empty account of this package, and as the
// subtest "azurite" on the emulator that the whole test run shares: see unique.
func each(t *testing.T, f func(t *testing.T, c storage.Clients)) {
	t.Helper()
	t.Run("inprocess", func(t *testing.T) { f(t, inProcess(t)) })
	t.Run("azurite", func(t *testing.T) { f(t, emulated(t)) })
}

// eachWaiting is each for an f that sleeps: in process its time is virtual. Azurite's is
// not, so that f must not wait long. It cannot have subtests.
func eachWaiting(t *testing.T, f func(t *testing.T, c storage.Clients)) {
	t.Helper()
	t.Run("inprocess", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { f(t, inProcess(t)) })
	})
	t.Run("azurite", func(t *testing.T) { f(t, emulated(t)) })
}

// onAzurite tells which of the two a subtest of each speaks to, for the few calls that
// they answer differently.
func onAzurite(t *testing.T) bool { return strings.Contains(t.Name()+"/", "/azurite/") }

func inProcess(t *testing.T) storage.Clients {
	t.Helper()
	account := storage.New("demo")
	c, err := account.Dial(altering{account}, noRetries)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func emulated(t *testing.T) storage.Clients {
	t.Helper()
	c, err := azurite.clients()
	if errors.Is(err, errNotInstalled) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// names counts what unique gave out.
var names atomic.Int64

// unique is a name that no other test of this run uses: the letters and digits of prefix
// in lower case, and a number. It fits queues, containers and tables.
func unique(t *testing.T, prefix string) string {
	t.Helper()
	kept := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(prefix))
	if kept == "" || kept[0] <= '9' || len(kept) > 40 {
		t.Fatalf("the prefix %q must begin with a letter and have at most 40 letters and digits", prefix)
	}
	return fmt.Sprintf("%s%03d", kept, names.Add(1))
}

func TestMain(m *testing.M) {
	code := m.Run()
	azurite.stop()
	os.Exit(code)
}

// azurite is the emulator; it starts with the first test that asks for its clients.
var azurite emulator

var errNotInstalled = errors.New("Azurite is not installed: npm install --prefix <folder> azurite@3.35.0, and IDEMLINT_AZURITE=<folder>")

const (
	emulatorAccount = "devstoreaccount1"
	emulatorKey     = "bm90IGEgc2VjcmV0" // "not a secret"; Azurite is started with it
)

type emulator struct {
	once    sync.Once
	command *exec.Cmd
	dialled storage.Clients
	err     error
}

func (e *emulator) clients() (storage.Clients, error) {
	e.once.Do(func() { e.dialled, e.err = e.start() })
	return e.dialled, e.err
}

// start runs Azurite in memory on three free ports of the loopback interface, which it
// tells on its standard output as it opens them.
func (e *emulator) start() (storage.Clients, error) {
	program, err := program()
	if err != nil {
		return storage.Clients{}, err
	}
	e.command = exec.Command(program, "--silent",
		"--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry",
		"--blobHost", "127.0.0.1", "--queueHost", "127.0.0.1", "--tableHost", "127.0.0.1",
		"--blobPort", "0", "--queuePort", "0", "--tablePort", "0")
	e.command.Env = append(os.Environ(), "AZURITE_ACCOUNTS="+emulatorAccount+":"+emulatorKey)
	e.command.Dir = os.TempDir()
	e.command.Stderr = os.Stderr
	dieWithParent(e.command)
	out, err := e.command.StdoutPipe()
	if err != nil {
		return storage.Clients{}, err
	}
	if err := e.command.Start(); err != nil {
		return storage.Clients{}, err
	}
	// A start that hangs must not hang the tests: then the output ends.
	limit := time.AfterFunc(time.Minute, func() { _ = e.command.Process.Kill() })
	defer limit.Stop()
	listening := regexp.MustCompile(`Azurite (\w+) service is successfully listening at (http://127\.0\.0\.1:\d+)`)
	addresses := map[string]string{}
	lines := bufio.NewScanner(out)
	for len(addresses) < 3 && lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			addresses[m[1]] = m[2] + "/" + emulatorAccount
		}
	}
	if len(addresses) < 3 {
		return storage.Clients{}, fmt.Errorf("%s ended before it listened at three ports: %v", program, lines.Err())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return dialEmulator(addresses["Queue"], addresses["Blob"], addresses["Table"])
}

// stop ends Azurite if it runs.
func (e *emulator) stop() {
	if e.command == nil || e.command.Process == nil {
		return
	}
	_ = e.command.Process.Kill()
	_ = e.command.Wait()
}

// program is the file that npm made for Azurite.
func program() (string, error) {
	if folder := os.Getenv("IDEMLINT_AZURITE"); folder != "" {
		found, err := exec.LookPath(filepath.Join(folder, "node_modules", ".bin", "azurite"))
		if err != nil {
			return "", fmt.Errorf("IDEMLINT_AZURITE: %w", err) // Asked for: not a reason to skip.
		}
		return found, nil
	}
	found, err := exec.LookPath("azurite")
	if err != nil {
		return "", errNotInstalled
	}
	return found, nil
}

// dialEmulator makes clients that sign their requests, which Azurite insists on.
func dialEmulator(queues, blobs, tables string) (c storage.Clients, err error) {
	options := azcore.ClientOptions{Retry: noRetries, PerCallPolicies: []policy.Policy{alteringPolicy{}}}
	queueKey, err := azqueue.NewSharedKeyCredential(emulatorAccount, emulatorKey)
	if err != nil {
		return c, err
	}
	c.Queues, err = azqueue.NewServiceClientWithSharedKeyCredential(queues, queueKey, &azqueue.ClientOptions{ClientOptions: options})
	if err != nil {
		return c, err
	}
	blobKey, err := azblob.NewSharedKeyCredential(emulatorAccount, emulatorKey)
	if err != nil {
		return c, err
	}
	c.Blobs, err = azblob.NewClientWithSharedKeyCredential(blobs, blobKey, &azblob.ClientOptions{ClientOptions: options})
	if err != nil {
		return c, err
	}
	tableKey, err := aztables.NewSharedKeyCredential(emulatorAccount, emulatorKey)
	if err != nil {
		return c, err
	}
	c.Tables, err = aztables.NewServiceClientWithSharedKey(tables, tableKey, &aztables.ClientOptions{ClientOptions: options})
	return c, err
}
