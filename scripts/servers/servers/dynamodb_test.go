package servers_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func TestDynamoDBKeepsItemsOnDiskWhenKilled(t *testing.T) {
	// given a table with one item
	server := servers.DynamoDB(t, servers.OnDisk())
	client := dynamoClient(server)
	createTable(t, client, "leases")
	item := map[string]types.AttributeValue{
		"task":  &types.AttributeValueMemberS{Value: "orders-0"},
		"epoch": &types.AttributeValueMemberN{Value: "7"},
	}
	put := &dynamodb.PutItemInput{
		TableName: aws.String("leases"), Item: item, ConditionExpression: aws.String("attribute_not_exists(task)"),
	}
	if _, err := client.PutItem(testContext(t), put); err != nil {
		t.Fatal(err)
	}

	// when
	server.Kill(t)
	server.Start(t)

	// then the item is there, so its condition fails now
	got, err := client.GetItem(testContext(t), &dynamodb.GetItemInput{
		TableName: aws.String("leases"), Key: map[string]types.AttributeValue{"task": item["task"]},
	})
	if err != nil {
		t.Fatal(err)
	}
	if epoch, ok := got.Item["epoch"].(*types.AttributeValueMemberN); !ok || epoch.Value != "7" {
		t.Errorf("item is %v, want epoch 7", got.Item)
	}
	if _, err := client.PutItem(testContext(t), put); err == nil {
		t.Error("a second conditional put succeeded")
	}
}

func dynamoClient(server *servers.Server) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint:                    aws.String(server.URL()),
		Region:                          "us-east-1",
		Credentials:                     credentials.NewStaticCredentialsProvider("test", "test", ""),
		DisableValidateResponseChecksum: true,
	})
}

func createTable(t *testing.T, client *dynamodb.Client, name string) {
	t.Helper()
	_, err := client.CreateTable(testContext(t), &dynamodb.CreateTableInput{
		TableName:            aws.String(name),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("task"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("task"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}
}
