package servers_test

import (
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func TestLocalAWSStoresAnItemUnderAConditionAndShowsTheOldOne(t *testing.T) {
	for name, start := range map[string]func(testing.TB, ...servers.Option) *servers.Server{
		"MiniStack": servers.MiniStack, "LocalStack": servers.LocalStack,
	} {
		t.Run(name, func(t *testing.T) {
			// given
			server := start(t)
			client := dynamoClient(server)
			createTable(t, client, "leases")
			put := &dynamodb.PutItemInput{
				TableName: aws.String("leases"), Item: map[string]types.AttributeValue{"task": &types.AttributeValueMemberS{Value: "orders-0"}},
				ConditionExpression:                 aws.String("attribute_not_exists(task)"),
				ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
			}

			// when the item is put twice
			if _, err := client.PutItem(testContext(t), put); err != nil {
				t.Fatal(err)
			}
			_, err := client.PutItem(testContext(t), put)

			// then
			failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
			if !ok || len(failed.Item) != 1 {
				t.Errorf("the second put ended with %v", err)
			}
			for _, host := range otherAddresses(t) {
				if conn, err := net.DialTimeout("tcp", net.JoinHostPort(host, port(t, server)), time.Second); err == nil {
					t.Errorf("it listens on %s too", conn.RemoteAddr())
					_ = conn.Close()
				}
			}

			// when it is killed, it comes back empty, on the same address
			server.Kill(t)
			server.Start(t)
			tables, err := client.ListTables(testContext(t), &dynamodb.ListTablesInput{})
			if err != nil || slices.Contains(tables.TableNames, "leases") {
				t.Errorf("after a kill there are tables %v, %v", tables, err)
			}
		})
	}
}

func port(t *testing.T, server *servers.Server) string {
	t.Helper()
	_, port, err := net.SplitHostPort(server.Addr)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// otherAddresses are this machine's IPv4 addresses that are not loopback.
func otherAddresses(t *testing.T) []string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	var others []string
	for _, a := range all {
		if ip, ok := a.(*net.IPNet); ok && ip.IP.To4() != nil && !ip.IP.IsLoopback() {
			others = append(others, ip.IP.String())
		}
	}
	return others
}
