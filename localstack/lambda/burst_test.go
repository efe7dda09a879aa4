package lambda_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
)

// A burst of requests starts a sandbox of the API for each, and each change a pass of the coordinator in a sandbox of its own. All of them
// write the config topic, and each is a process that has to claim it.
func TestABurstOfChangesByManySandboxesLosesNone(t *testing.T) {
	const clients, changes = 10, 4
	d := newDeployment(t)
	d.create("shared", map[string]string{"connector.class": "FileStreamSource", "file": "/nowhere", "topic": "lines"})
	var late atomic.Int64
	var done sync.WaitGroup
	for client := range clients {
		done.Go(func() {
			for i := range changes {
				for status := http.StatusConflict; status == http.StatusConflict; {
					var answer string
					var err error
					status, answer, err = d.patch("shared", fmt.Sprintf("key.%d.%d", client, i))
					if err != nil || status != http.StatusOK && status != http.StatusConflict {
						t.Errorf("change %d of client %d is answered with %d %s (%v)", i, client, status, answer, err)
						return
					}
					if status == http.StatusConflict { // others were quicker: clients try again on 409
						late.Add(1)
					}
				}
			}
		})
	}
	done.Wait()
	settled(t, d.lambda)
	t.Logf("%d changes, %d answers that others were quicker", clients*changes, late.Load())
	_, config := d.rest("GET", "/connectors/shared/config", nil)
	for client := range clients {
		for i := range changes {
			if !strings.Contains(config, fmt.Sprintf(`"key.%d.%d":"there"`, client, i)) {
				t.Errorf("change %d of client %d is lost", i, client)
			}
		}
	}
	logs, err := d.lambda.Logs("ferry-api")
	t.Logf("claims out of turn: %d (%v)", strings.Count(string(logs), "out of turn"), err)
}

// patch adds a key to a configuration.
func (d *deployment) patch(connector, key string) (status int, answer string, err error) {
	event := events.LambdaFunctionURLRequest{
		Version: "2.0", RawPath: "/connectors/" + connector + "/config", Headers: map[string]string{"content-type": "application/json"},
		Body: fmt.Sprintf(`{%q:"there"}`, key),
	}
	event.RequestContext.HTTP.Method = http.MethodPatch
	payload, err := json.Marshal(event)
	if err != nil {
		return 0, "", err
	}
	out, err := d.client.Invoke(d.t.Context(), &lambdaapi.InvokeInput{FunctionName: aws.String("ferry-api"), Payload: payload})
	if err != nil {
		return 0, "", err
	}
	if out.FunctionError != nil {
		return 0, "", fmt.Errorf("the function failed: %s", out.Payload)
	}
	var resp events.LambdaFunctionURLResponse
	err = json.Unmarshal(out.Payload, &resp)
	return resp.StatusCode, resp.Body, err
}
