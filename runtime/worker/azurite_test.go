package worker_test

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/data/aztables"
	azblob "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azqueue/v2"
	"github.com/idemlint/idemlint/runtime/storage"
)

// azurite is Microsoft's emulator (npm package azurite) in a process of its own: a
// role.Service over real connections and in real time.
type azurite struct {
	*http.Client
	addresses map[string]string // of "Queue", "Blob" and "Table"
}

const (
	azuriteAccount = "devstoreaccount1"
	azuriteKey     = "bm90IGEgc2VjcmV0" // "not a secret"; Azurite is started with it
)

// startAzurite runs Azurite in memory until the test ends. It is looked for on PATH, and
// in the folder named by IDEMLINT_AZURITE, where npm has installed it; without it the test
// is skipped.
func startAzurite(t *testing.T) *azurite {
	t.Helper()
	name := "azurite"
	folder := os.Getenv("IDEMLINT_AZURITE")
	if folder != "" {
		name = filepath.Join(folder, "node_modules", ".bin", name)
	}
	program, err := exec.LookPath(name)
	if err != nil && folder != "" {
		t.Fatalf("IDEMLINT_AZURITE: %v", err) // asked for: no reason to skip
	}
	shell, shellErr := exec.LookPath("sh")
	if err != nil || shellErr != nil {
		t.Skip("Azurite is not installed: npm install --prefix <folder> azurite, and IDEMLINT_AZURITE=<folder>")
	}
	// The shell ends Azurite when its input ends, which it does however this process ends.
	command := exec.Command(shell, "-c", `"$@" & read line; kill $!`, "sh", program, "--silent",
		"--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry",
		"--blobHost", "127.0.0.1", "--queueHost", "127.0.0.1", "--tableHost", "127.0.0.1",
		"--blobPort", "0", "--queuePort", "0", "--tablePort", "0")
	command.Env = append(os.Environ(), "AZURITE_ACCOUNTS="+azuriteAccount+":"+azuriteKey)
	command.Dir = t.TempDir()
	input, err := command.StdinPipe()
	must(t, err)
	output, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	t.Cleanup(func() {
		_ = input.Close()
		_ = command.Wait()
	})
	limit := time.AfterFunc(time.Minute, func() { _ = input.Close() }) // then the output ends
	defer limit.Stop()

	a := &azurite{Client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}}, addresses: map[string]string{}}
	listening := regexp.MustCompile(`Azurite (\w+) service is successfully listening at (http://127\.0\.0\.1:\d+)`)
	lines := bufio.NewScanner(output)
	for len(a.addresses) < 3 && lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			a.addresses[m[1]] = m[2] + "/" + azuriteAccount
		}
	}
	if len(a.addresses) < 3 {
		t.Fatalf("%s ended before it listened at three ports: %v", program, lines.Err())
	}
	go func() {
		for lines.Scan() { // lest it waits for somebody to read
			continue
		}
	}()
	t.Cleanup(a.CloseIdleConnections)
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Dial makes clients that sign their requests, which Azurite insists on.
func (a *azurite) Dial(via policy.Transporter, retry policy.RetryOptions) (c storage.Clients, err error) {
	options := azcore.ClientOptions{Transport: via, Retry: retry}
	queueKey, err := azqueue.NewSharedKeyCredential(azuriteAccount, azuriteKey)
	if err != nil {
		return c, err
	}
	c.Queues, err = azqueue.NewServiceClientWithSharedKeyCredential(a.addresses["Queue"], queueKey, &azqueue.ClientOptions{ClientOptions: options})
	if err != nil {
		return c, err
	}
	blobKey, err := azblob.NewSharedKeyCredential(azuriteAccount, azuriteKey)
	if err != nil {
		return c, err
	}
	c.Blobs, err = azblob.NewClientWithSharedKeyCredential(a.addresses["Blob"], blobKey, &azblob.ClientOptions{ClientOptions: options})
	if err != nil {
		return c, err
	}
	tableKey, err := aztables.NewSharedKeyCredential(azuriteAccount, azuriteKey)
	if err != nil {
		return c, err
	}
	c.Tables, err = aztables.NewServiceClientWithSharedKey(a.addresses["Table"], tableKey, &aztables.ClientOptions{ClientOptions: options})
	return c, err
}
