package awskeys

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

var errNoProfile = errors.New("there is no such profile")

// maxSources bounds how many profiles may refer to each other.
const maxSources = 5

// profile returns the credentials of a profile: its keys, or its role as its source_profile.
func (k *Keys) profile(name string, depth int) (aws.CredentialsProvider, error) {
	if depth > maxSources {
		return nil, fmt.Errorf("profile %s: its source_profile leads in a circle", name)
	}
	p, err := k.read(name)
	if err != nil {
		return nil, err
	}
	for _, key := range []string{"sso_session", "sso_start_url", "credential_process", "web_identity_token_file", "credential_source"} {
		if p[key] != "" {
			return nil, fmt.Errorf("profile %s: %s is not supported; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as `aws configure export-credentials` prints them", name, key)
		}
	}
	if arn := p["role_arn"]; arn != "" {
		if p["source_profile"] == "" {
			return nil, fmt.Errorf("profile %s: it has role_arn and no source_profile", name)
		}
		source, err := k.profile(p["source_profile"], depth+1)
		if err != nil {
			return nil, err
		}
		return k.role(source, arn, p["role_session_name"], p["external_id"], p["region"])
	}
	if p["aws_access_key_id"] == "" || p["aws_secret_access_key"] == "" {
		return nil, fmt.Errorf("profile %s: %w with aws_access_key_id and aws_secret_access_key", name, errNoProfile)
	}
	return credentials.NewStaticCredentialsProvider(p["aws_access_key_id"], p["aws_secret_access_key"], p["aws_session_token"]), nil
}

// read merges what the two files say of a profile; the first goes before the second.
func (k *Keys) read(name string) (map[string]string, error) {
	merged := map[string]string{}
	sections := []string{"profile " + name, name}
	for i, variable := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		path := k.lookup(variable)
		if path == "" {
			path = filepath.Join(k.lookup("HOME"), ".aws", []string{"config", "credentials"}[i])
		}
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("read the profile %s: %w", name, err)
		}
		for _, section := range sections {
			maps.Copy(merged, sectionOf(string(text), section))
		}
	}
	return merged, nil
}

// sectionOf returns the lines key = value of a section.
func sectionOf(text, section string) map[string]string {
	values, within := map[string]string{}, false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#' || line[0] == ';':
		case line[0] == '[':
			within = strings.Join(strings.Fields(strings.Trim(line, "[]")), " ") == section
		case within:
			if key, value, ok := strings.Cut(line, "="); ok {
				values[strings.TrimSpace(key)] = strings.TrimSpace(value)
			}
		}
	}
	return values
}
