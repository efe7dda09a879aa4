package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/coordinator/invoke"
)

const hoisting = `{"name":"c","connector.class":"FileStreamSink","topics":"in","value.converter":"org.apache.kafka.connect.json.JsonConverter",
	"value.converter.schemas.enable":"false","transforms":"h","transforms.h.type":"org.apache.kafka.connect.transforms.HoistField$Value","transforms.h.field":"inner"}`

func TestAPreviewShowsWhatTheConnectorsOwnChainDoes(t *testing.T) {
	c := newCluster(t)
	resp, body := c.ask("POST", "/ferry/transform/preview", jsonHeader(), `{"config":`+hoisting+`,"records":[{"topic":"in","value":{"a":1}},{"topic":"in","valueText":"{"},{"topc":1}]}`)
	var answer struct {
		Results []struct {
			Line    int
			Outcome string
			Steps   []struct{ Transform, Outcome string }
			After   struct{ Value json.RawMessage }
			Error   struct{ Stage, Field, Task string }
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || resp.StatusCode != http.StatusOK || len(answer.Results) != 3 {
		t.Fatalf("%d %s %v", resp.StatusCode, body, err)
	}
	got := answer.Results
	if got[0].Outcome != "passed" || string(got[0].After.Value) != `{"inner":{"a":1}}` || got[0].Steps[0].Transform != "h" || got[0].Steps[0].Outcome != "changed" {
		t.Errorf("the first is %+v", got[0])
	}
	if got[1].Outcome != "failed" || got[1].Error.Stage != "VALUE_CONVERTER" || got[1].Error.Task != "stops" {
		t.Errorf("the second is %+v", got[1])
	}
	if got[2].Outcome != "invalid" || got[2].Error.Field != "topc" || got[2].Line != 3 {
		t.Errorf("the third is %+v", got[2])
	}
	if names := c.takeTriggered(); len(names) != 0 {
		t.Errorf("it triggered passes over %v", names)
	}
}

func TestAPreviewThatCannotBeMadeSaysWhy(t *testing.T) {
	c := newCluster(t)
	record := `{"topic":"in"}`
	many := strings.Repeat(record+",", invoke.PreviewRecords) + record
	for _, p := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"no body", ``, 400, `"config" is missing`},
		{"no JSON", `{`, 400, "cannot be read"},
		{"another field", `{"config":` + hoisting + `,"record":[]}`, 400, `Unrecognized field "record"`},
		{"no configuration", `{"records":[{}]}`, 400, `"config" is missing`},
		{"no connector", `{"config":{},"records":[{}]}`, 400, "connector.class"},
		{"a transform as connector", `{"config":{"connector.class":"HoistField$Value"},"records":[{}]}`, 400, "no such connector"},
		{"no records", `{"config":` + hoisting + `}`, 400, "an array of 1 to 100"},
		{"records that are no array", `{"config":` + hoisting + `,"records":{}}`, 400, "cannot be read"},
		{"too many records", `{"config":` + hoisting + `,"records":[` + many + `]}`, 400, "has 101 records"},
		{"too many bytes", `{"config":` + hoisting + `,"records":["` + strings.Repeat("x", invoke.PreviewBytes) + `"]}`, 413, "send fewer or smaller"},
		{"a mistake in the chain", `{"config":` + strings.Replace(hoisting, "HoistField$Value", "Nothing", 1) + `,"records":[` + record + `]}`, 400, "transforms.h.type"},
	} {
		t.Run(p.name, func(t *testing.T) {
			resp, body := c.ask("POST", "/ferry/transform/preview", jsonHeader(), p.body)
			if resp.StatusCode != p.status || !strings.Contains(body, jsonText(p.want)) || !strings.Contains(body, fmt.Sprintf(`"error_code":%d`, p.status)) {
				t.Errorf("it answered %d %s, want %d and %s", resp.StatusCode, body, p.status, p.want)
			}
		})
	}
	if resp, _ := c.ask("GET", "/ferry/transform/preview", nil, ""); resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") != "OPTIONS,POST" {
		t.Errorf("GET answers %d, Allow %q", resp.StatusCode, resp.Header.Get("Allow"))
	}
}

func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }

// jsonText is how a text stands within JSON.
func jsonText(s string) string {
	quoted, _ := json.Marshal(s)
	return string(quoted[1 : len(quoted)-1])
}
