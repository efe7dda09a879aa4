package main

import (
	"crypto/tls"
	"io"
	"net/http"
	"testing"

	"github.com/ferry-connect/ferry/coordinator/rest/principal"
)

func TestWhoAsksIsWhomAWSHasEstablished(t *testing.T) {
	who := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := principal.Of(r.Context())
		_, _ = io.WriteString(w, p.Source+" "+p.Name+" from "+r.RemoteAddr)
	})
	for name, c := range map[string]struct{ context, want string }{
		"a function URL with IAM": {
			`"authorizer":{"iam":{"accessKey":"AKIA","accountId":"111122223333","callerId":"AIDA","userArn":"arn:aws:iam::111122223333:user/alice","userId":"AIDA"}}`,
			"iam arn:aws:iam::111122223333:user/alice from 192.0.2.1",
		},
		"IAM without an ARN":         {`"authorizer":{"iam":{"accountId":"111122223333","userId":"AROA:session"}}`, "iam AROA:session from 192.0.2.1"},
		"an HTTP API with JWT":       {`"authorizer":{"jwt":{"claims":{"sub":"1234","username":"alice"},"scopes":["a"]}}`, "jwt alice from 192.0.2.1"},
		"a JWT of a machine":         {`"authorizer":{"jwt":{"claims":{"client_id":"robot"}}}`, "jwt robot from 192.0.2.1"},
		"a Lambda authorizer":        {`"authorizer":{"lambda":{"principalId":"alice","level":3}}`, "authorizer alice from 192.0.2.1"},
		"one that says nothing":      {`"authorizer":{"lambda":{"principalId":7}}`, "authorizer  from 192.0.2.1"},
		"a client's certificate":     {`"authentication":{"clientCert":{"subjectDN":"CN=alice"}}`, "certificate CN=alice from 192.0.2.1"},
		"nobody":                     {`"authorizer":null`, "  from 192.0.2.1"},
		"a function URL without IAM": {`"accountId":"anonymous"`, "  from 192.0.2.1"},
	} {
		resp := invoke(t, who, `{"version":"2.0","rawPath":"/","requestContext":{`+c.context+`,"http":{"method":"GET","sourceIp":"192.0.2.1"}},
			"headers":{"x-forwarded-for":"203.0.113.1","x-amzn-iam-user-arn":"arn:aws:iam::111122223333:user/mallory"}}`)
		if resp.Body != c.want {
			t.Errorf("%s: the request is %q, want %q", name, resp.Body, c.want)
		}
	}
}

func TestTheStageOfAnHTTPAPIIsNoPartOfThePath(t *testing.T) {
	for _, c := range []struct{ stage, path, want string }{
		{"$default", "/connectors/a%2Fb", "/connectors/a%2Fb"},
		{"prod", "/prod/connectors/a%2Fb", "/connectors/a%2Fb"},
		{"prod", "/prod", "/"},
		{"prod", "/production/x", "/production/x"},
	} {
		var got string
		var secure *tls.ConnectionState
		invoke(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got, secure = r.URL.EscapedPath(), r.TLS }),
			`{"rawPath":"`+c.path+`","requestContext":{"stage":"`+c.stage+`","http":{"method":"GET"}}}`)
		if got != c.want || secure == nil {
			t.Errorf("%s %s is the path %s over TLS %v, want %s", c.stage, c.path, got, secure != nil, c.want)
		}
	}
}
