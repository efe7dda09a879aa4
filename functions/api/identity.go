package main

import (
	"cmp"

	"github.com/aws/aws-lambda-go/events"

	"github.com/ferry-connect/ferry/coordinator/rest/principal"
)

// identity returns who AWS says that a request is from: it has checked a signature (AWS_IAM of a function URL or an HTTP API), a token, a
// client's certificate, or has asked a Lambda authorizer. What headers say is no proof of anything.
//
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html (format 2.0)
func identity(event *events.APIGatewayV2HTTPRequest) principal.Principal {
	a := event.RequestContext.Authorizer
	switch {
	case a == nil:
	case a.IAM != nil:
		return principal.Principal{Name: cmp.Or(a.IAM.UserARN, a.IAM.UserID, a.IAM.AccountID), Source: principal.IAM}
	case a.JWT != nil:
		return principal.Principal{Name: cmp.Or(a.JWT.Claims["username"], a.JWT.Claims["sub"], a.JWT.Claims["client_id"]), Source: principal.JWT}
	case a.Lambda != nil:
		var names []string
		for _, key := range []string{"principalId", "username", "sub"} {
			name, _ := a.Lambda[key].(string)
			names = append(names, name)
		}
		return principal.Principal{Name: cmp.Or(names...), Source: principal.Authorizer}
	}
	if subject := event.RequestContext.Authentication.ClientCert.SubjectDN; subject != "" {
		return principal.Principal{Name: subject, Source: principal.Certificate}
	}
	return principal.Principal{}
}
