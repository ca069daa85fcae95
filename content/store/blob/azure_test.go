package blob

import (
	"bufio"
	"crypto/rand"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"

	"sextant/content"
	"sextant/content/store/storetest"
)

// azuriteEnv names the environment variable with the path of Azurite's azurite-blob, Microsoft's emulator of Azure Blob
// Storage (npm package azurite).
const azuriteEnv = "SEXTANT_TEST_AZURITE"

// The account that every Azurite has, as its documentation gives it.
const (
	azuriteAccount = "devstoreaccount1"
	azuriteKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// TestAzure runs the suite against Azurite, through the same URL that a deployment gives.
func TestAzure(t *testing.T) {
	program := os.Getenv(azuriteEnv)
	if program == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal(azuriteEnv + " is not set")
		}
		t.Skip(azuriteEnv + " is not set")
	}
	address := azurite(t, program)
	t.Setenv("AZURE_STORAGE_ACCOUNT", azuriteAccount)
	t.Setenv("AZURE_STORAGE_KEY", azuriteKey)
	credential, err := azblob.NewSharedKeyCredential(azuriteAccount, azuriteKey)
	if err != nil {
		t.Fatal(err)
	}
	client, err := azblob.NewClientWithSharedKeyCredential("http://"+address+"/"+azuriteAccount, credential, nil)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Blobs(t, func(t *testing.T) content.Blobs {
		container := "test-" + strings.ToLower(rand.Text())
		if _, err := client.CreateContainer(t.Context(), container, nil); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), "azblob://"+container+"?prefix=a/b/&protocol=http&localemu=true&domain="+address)
		return opened(t, s, err)
	})
}

// azurite runs the emulator on a free port until the test ends, and gives its address.
func azurite(t *testing.T, program string) string {
	t.Helper()
	run := exec.Command(program, "--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry", "--blobHost", "127.0.0.1", "--blobPort", "0")
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	run.Stderr = os.Stderr
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill() // it has nothing to put in order
		_ = run.Wait()
	})
	lines := bufio.NewScanner(out)
	listens := regexp.MustCompile(`listens on http://(127\.0\.0\.1:\d+)|listening (?:on|at) http://(127\.0\.0\.1:\d+)`)
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
		if found := listens.FindStringSubmatch(lines.Text()); found != nil {
			go func() { // what it says later must not fill the pipe
				for lines.Scan() {
				}
			}()
			return found[1] + found[2]
		}
	}
	t.Fatalf("azurite said no address: %q", said)
	return ""
}
