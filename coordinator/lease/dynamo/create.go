package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// wantedKeys is what keysOf says of a table as Create makes it.
const wantedKeys = attrConnector + " (HASH, S), " + attrTask + " (RANGE, N)"

// Create makes the table, with on-demand billing and "expires" as its TTL attribute, unless it exists, and waits until it is
// active. It may be repeated. It is for local stores; in production the base stack makes the table.
//
// TTL only clears away what is left of connectors that nobody remembers. A store that has no TTL will do.
func Create(ctx context.Context, client *dynamodb.Client, name string) error {
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String(attrConnector), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String(attrTask), AttributeType: types.ScalarAttributeTypeN},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String(attrConnector), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(attrTask), KeyType: types.KeyTypeRange},
		},
	})
	if _, exists := errors.AsType[*types.ResourceInUseException](err); err != nil && !exists {
		return fmt.Errorf("create DynamoDB table %s: %w", name, err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = time.Second, time.Second })
	found, err := waiter.WaitForOutput(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute)
	if err != nil {
		return fmt.Errorf("wait for DynamoDB table %s: %w", name, err)
	}
	if keys := keysOf(found.Table); keys != wantedKeys {
		return fmt.Errorf("create DynamoDB table %s: %w", name, otherKeys(keys))
	}
	return expire(ctx, client, name)
}

// expire switches TTL on.
func expire(ctx context.Context, client *dynamodb.Client, name string) error {
	_, err := client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &name,
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(attrExpires), Enabled: aws.Bool(true)},
	})
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		// ValidationException is that it is on already, or was changed within the hour.
		if slices.Contains([]string{"ValidationException", "UnknownOperationException", "UnsupportedOperationException"}, api.ErrorCode()) {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("switch on TTL of DynamoDB table %s: %w", name, err)
	}
	return nil
}

// invalid explains a request that DynamoDB calls invalid. Ours are valid for a table with our keys, so the table is looked at,
// now that there is a reason to.
func (t *Table) invalid(ctx context.Context, err error) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	found, lookErr := t.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &t.name}, func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	if lookErr != nil {
		return fmt.Errorf("%w (does the table have the keys %s?)", err, wantedKeys)
	}
	if keys := keysOf(found.Table); keys != wantedKeys {
		return fmt.Errorf("%w: %w", otherKeys(keys), err)
	}
	return err
}

func otherKeys(keys string) error {
	return fmt.Errorf("it is no table of leases: its keys are %s instead of %s; name another table, or deploy the base stack, which makes one", keys, wantedKeys)
}

// keysOf says a table's keys in words.
func keysOf(table *types.TableDescription) string {
	if table == nil {
		return "unknown"
	}
	var keys []string
	for _, k := range table.KeySchema {
		var kind types.ScalarAttributeType
		for _, d := range table.AttributeDefinitions {
			if aws.ToString(d.AttributeName) == aws.ToString(k.AttributeName) {
				kind = d.AttributeType
			}
		}
		keys = append(keys, fmt.Sprintf("%s (%s, %s)", aws.ToString(k.AttributeName), k.KeyType, kind))
	}
	return strings.Join(keys, ", ")
}
