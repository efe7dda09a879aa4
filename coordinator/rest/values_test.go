package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// Values of a configuration are text. What JSON has beside is taken for the text it is written as, or refused, always in the API's own form.
func TestValuesThatAreNoTextAreTakenForTheirTextOrRefused(t *testing.T) {
	c := newCluster(t)
	for _, v := range []struct {
		value  string
		status int
		want   string // in the answer
	}{
		{`5`, http.StatusOK, `"x":"5"`},
		{`1.50`, http.StatusOK, `"x":"1.50"`},
		{`1e400`, http.StatusOK, `"x":"1e400"`},
		{`-0`, http.StatusOK, `"x":"-0"`},
		{`true`, http.StatusOK, `"x":"true"`},
		{`"\u0000"`, http.StatusOK, `"x":"\u0000"`},
		{`null`, http.StatusBadRequest, "Null value can not be supplied as the configuration value."},
		{`{}`, http.StatusInternalServerError, "it must be text, not {}"},
		{`{"a":1}`, http.StatusInternalServerError, "it must be text"},
		{`["a"]`, http.StatusInternalServerError, "it must be text"},
		{strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), http.StatusInternalServerError, "cannot be read"},
		{strings.Repeat(`{"a":`, 100_000), http.StatusInternalServerError, "cannot be read"},
		{`NaN`, http.StatusInternalServerError, "cannot be read"},
		{`"open`, http.StatusInternalServerError, "cannot be read"},
		{`01`, http.StatusInternalServerError, "cannot be read"},
	} {
		body := fmt.Sprintf(`{"connector.class":"FileStreamSource","topic":"t","x":%s}`, v.value)
		c.expect(http.StatusCreated, "PUT", "/connectors/a/config", sourceConfig)
		text := c.expect(v.status, "PUT", "/connectors/a/config", body)
		if !strings.Contains(text, v.want) || v.status >= 400 && !strings.Contains(text, fmt.Sprintf(`"error_code":%d`, v.status)) {
			t.Errorf("%.40s is answered with %.300s", v.value, text)
		}
		c.expect(http.StatusNoContent, "DELETE", "/connectors/a", "")
	}
}

func TestAConfigurationOfTenThousandKeysIsOneLikeAnyOther(t *testing.T) {
	c := newCluster(t)
	var keys strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&keys, `,"key.%d":"value"`, i)
	}
	config := `{"connector.class":"FileStreamSource","topic":"t"` + keys.String() + `}`
	c.expect(http.StatusCreated, "PUT", "/connectors/a/config", config)
	if got := strings.Count(c.expect(http.StatusOK, "GET", "/connectors/a/config", ""), `"key.`); got != 10_000 {
		t.Errorf("%d of the keys are there", got)
	}
	c.expect(http.StatusOK, "PATCH", "/connectors/a/config", `{"key.77":null}`)
	if got := strings.Count(c.expect(http.StatusOK, "GET", "/connectors/a/config", ""), `"key.`); got != 9_999 {
		t.Errorf("after a patch that removes one %d of the keys are there", got)
	}
}
