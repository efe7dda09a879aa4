package servers_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func TestToxiproxyCarriesALineAndBreaksIt(t *testing.T) {
	// given a line from Toxiproxy to itself
	toxiproxy := servers.Toxiproxy(t)
	line := servers.FreeAddr(t)
	post(t, toxiproxy.URL()+"/proxies", `{"name":"line","listen":"`+line+`","upstream":"`+toxiproxy.Addr+`","enabled":true}`)

	// when, then
	resp, err := http.Get("http://" + line + "/version")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("over the line the answer is %s", resp.Status)
	}

	// when, then
	post(t, toxiproxy.URL()+"/proxies/line", `{"enabled":false}`)
	if resp, err := http.Get("http://" + line + "/version"); err == nil {
		_ = resp.Body.Close()
		t.Errorf("over the broken line the answer is %s", resp.Status)
	}
}

func post(t *testing.T, url, body string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 {
		t.Fatalf("POST %s of %s was answered with %s", url, body, resp.Status)
	}
}
