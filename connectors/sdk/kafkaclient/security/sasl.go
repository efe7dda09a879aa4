package security

import (
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Login modules of Kafka's clients, and of Amazon's.
const (
	plainModule = "org.apache.kafka.common.security.plain.PlainLoginModule"
	scramModule = "org.apache.kafka.common.security.scram.ScramLoginModule"
	oauthModule = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
	iamModule   = "software.amazon.msk.auth.iam.IAMLoginModule"
)

// iamClientHandler is what Java's clients need beside iamModule. It may be set here too, and changes nothing.
const iamClientHandler = "software.amazon.msk.auth.iam.IAMClientCallbackHandler"

// mechanism is sasl.mechanism with its sasl.jaas.config.
func mechanism(s Settings, aws AWS) (sasl.Mechanism, error) {
	name := s.Get("sasl.mechanism")
	if err := classesOfOnesOwn(s); err != nil {
		return nil, err
	}
	switch name {
	case "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512":
		return byPassword(s, name)
	case "OAUTHBEARER":
		return oauthBearer(s, aws)
	case "AWS_MSK_IAM":
		return mskIAM(s, aws)
	case "", "GSSAPI":
		return nil, refused(s, "sasl.mechanism", "Kerberos is not supported, which is GSSAPI, the default",
			"use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or AWS_MSK_IAM")
	}
	return nil, refused(s, "sasl.mechanism", "there is no such mechanism here", "use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or AWS_MSK_IAM")
}

// classesOfOnesOwn refuses Java code that would take part in the login.
func classesOfOnesOwn(s Settings) error {
	const login = "org.apache.kafka.common.security.authenticator.DefaultLogin"
	for key, known := range map[string][]string{
		"sasl.login.class":                   {login},
		"sasl.client.callback.handler.class": {iamClientHandler, unsecuredHandlerOfClients, "software.amazon.msk.auth.iam.IAMOAuthBearerLoginCallbackHandler"},
	} {
		if class := s.Get(key); class != "" && !slices.Contains(known, class) {
			return refused(s, key, "it names a class of a JVM, and there is none here", "remove it")
		}
	}
	return nil
}

// login reads sasl.jaas.config, which must name the module.
func login(s Settings, module string) (map[string]string, error) {
	const key = "sasl.jaas.config"
	text := s.Get(key)
	if text == "" {
		return nil, wrong(s, key, fmt.Sprintf("it is missing; with sasl.mechanism %s it is %s required and its options", s.Get("sasl.mechanism"), module), nil)
	}
	j, err := parseJAAS(text)
	if err != nil {
		return nil, wrong(s, key, "it cannot be read", err)
	}
	if j.module != module {
		return nil, wrong(s, key, fmt.Sprintf("its login module must be %s for sasl.mechanism %s", module, s.Get("sasl.mechanism")), nil)
	}
	return j.options, nil
}

func byPassword(s Settings, name string) (sasl.Mechanism, error) {
	module := scramModule
	if name == "PLAIN" {
		module = plainModule
	}
	if class := s.Get("sasl.login.callback.handler.class"); class != "" {
		return nil, refused(s, "sasl.login.callback.handler.class", "it names a class of a JVM, and there is none here", "name user and password in sasl.jaas.config, by a config provider")
	}
	options, err := login(s, module)
	if err != nil {
		return nil, err
	}
	for _, option := range []string{"username", "password"} {
		if options[option] == "" {
			return nil, wrong(s, "sasl.jaas.config", "its option "+option+" is missing or empty", nil)
		}
	}
	user, password := options["username"], options["password"]
	switch name {
	case "PLAIN":
		return plain.Auth{User: user, Pass: password}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: user, Pass: password, IsToken: isTrue(options["tokenauth"])}.AsSha256Mechanism(), nil
	}
	return scram.Auth{User: user, Pass: password, IsToken: isTrue(options["tokenauth"])}.AsSha512Mechanism(), nil
}

// isTrue is Java's Boolean.parseBoolean.
func isTrue(text string) bool { return strings.EqualFold(text, "true") }
