package lambda_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

// A configuration asks for what only the connector's own function can promise, and that is not there, is not let in, or does not answer. The
// API says so in Connect's form, in time for its clients, and the configuration is not stored.
func TestAConnectorsFunctionThatDoesNotAnswerIsAnErrorInBoundedTime(t *testing.T) {
	d := newDeployment(t)
	config := map[string]string{"connector.class": "FileStreamSource", "file": "/nowhere", "topic": "lines", "exactly.once.support": "required"}
	hold := make(chan struct{})
	defer close(hold)
	for _, c := range []struct {
		name  string
		fault lambda.Fault
		want  string
	}{
		{"it does not exist", lambda.Fault{Refuse: &lambda.Refusal{Status: http.StatusNotFound, Type: "ResourceNotFoundException", Message: "Function not found"}}, "Function not found"},
		{"Lambda fails", lambda.Fault{Refuse: lambda.Unavailable()}, "function file"},
		{"it hangs", lambda.Fault{Hold: hold}, "did not say within 8s whether the configuration is valid"},
	} {
		c.fault.Function, c.fault.Times = "ferry-file", -1
		injected := d.lambda.Inject(c.fault)
		status, answer := d.rest("PUT", "/connectors/a/config", config)
		injected.Remove()
		var body struct {
			ErrorCode int `json:"error_code"`
			Message   string
		}
		if err := json.Unmarshal([]byte(answer), &body); err != nil || status != http.StatusInternalServerError || body.ErrorCode != status ||
			!strings.Contains(body.Message, "function file") || !strings.Contains(body.Message, c.want) {
			t.Errorf("%s: it is answered with %d %s (%v)", c.name, status, answer, err)
		}
		if status, _ := d.rest("GET", "/connectors/a/config", nil); status != http.StatusNotFound {
			t.Errorf("%s: the configuration is there: %d", c.name, status)
		}
	}
	if status, answer := d.rest("PUT", "/connectors/a/config", config); status != http.StatusCreated {
		t.Errorf("when the function is there again it is answered with %d %s", status, answer)
	}
}
