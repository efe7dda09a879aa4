package environment

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"
)

// zoneTime bounds the question where this instance runs. The answer comes from the same machine and saves money, not
// correctness.
const zoneTime = 100 * time.Millisecond

// zone asks the execution environment for the id of its availability zone, use1-az1 for example. It is empty, without a
// question, where there is nobody to ask. The request is written by hand: a client of net/http would start goroutines and
// keep the connection, for one answer in the life of an instance.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-metadata-endpoint.html
func zone(lookup func(string) string) (string, error) {
	api, token := lookup("AWS_LAMBDA_METADATA_API"), lookup("AWS_LAMBDA_METADATA_TOKEN")
	if api == "" || token == "" {
		return "", nil
	}
	deadline := time.Now().Add(zoneTime)
	conn, err := (&net.Dialer{Deadline: deadline}).Dial("tcp", api)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(deadline); err != nil {
		return "", err
	}
	req, err := http.NewRequest(http.MethodGet, "http://"+api+"/2026-01-15/metadata/execution-environment", nil)
	if err != nil {
		return "", err
	}
	req.Close = true
	req.Header.Set("Authorization", "Bearer "+token)
	if err := req.Write(conn); err != nil {
		return "", err
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("the metadata endpoint answered %s", resp.Status)
	}
	var answer struct{ AvailabilityZoneID string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return "", err
	}
	return answer.AvailabilityZoneID, nil
}
