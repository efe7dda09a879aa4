// Package dynamo keeps leases in a DynamoDB table.
//
// One item per task: partition key "connector" (string), sort key "task" (number). Every write is a PutItem of the whole
// item, conditional on its revision number; an item is well below 1 KB, so a write costs one unit, and the item that comes
// back with a failed condition costs nothing. Reads are strongly consistent, because a check that reads a stale item would
// let a former holder go on.
//
// The client's own retries are switched off for every request: a repetition whose first attempt took effect looks like a
// conflict, and a throttled repetition like a request that had no effect. The caller, lease.Leases, knows how to tell.
//
// Local stores answer some requests with a success and a broken body; that is ambiguous like any other broken reply.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// Table is a lease.Table on DynamoDB. Its methods may be called concurrently.
type Table struct {
	client *dynamodb.Client
	name   string
}

// New returns the table of the given name, which must exist (see Create).
func New(client *dynamodb.Client, name string) *Table { return &Table{client: client, name: name} }

// Get implements lease.Table.
func (t *Table) Get(ctx context.Context, key lease.Key) (lease.Item, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: keyOf(key), ConsistentRead: aws.Bool(true),
	}, once)
	if err != nil {
		return lease.Item{}, t.classify("GetItem", err)
	}
	return decode(key, out.Item)
}

// Swap implements lease.Table.
func (t *Table) Swap(ctx context.Context, next lease.Item) (lease.Item, error) {
	in := &dynamodb.PutItemInput{
		TableName: &t.name, Item: encode(next),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	in.ConditionExpression, in.ExpressionAttributeNames, in.ExpressionAttributeValues = atRevision(next.Rev - 1)
	_, err := t.client.PutItem(ctx, in, once)
	if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return t.conflict(ctx, next.Key, failed)
	}
	if err != nil {
		return lease.Item{}, t.classify("PutItem", err)
	}
	return next, nil
}

// conflict returns the stored item with lease.ErrConflict. A store that does not return it with the failure is asked for it.
func (t *Table) conflict(ctx context.Context, key lease.Key, failed *types.ConditionalCheckFailedException) (lease.Item, error) {
	stored, err := decode(key, failed.Item)
	if err == nil && stored.Rev == 0 {
		stored, err = t.Get(ctx, key)
	}
	if err != nil {
		return lease.Item{}, err
	}
	return stored, lease.ErrConflict
}

// List implements lease.Table.
func (t *Table) List(ctx context.Context, connector string) ([]lease.Item, error) {
	in := &dynamodb.QueryInput{
		TableName: &t.name, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("#connector = :connector"),
		ExpressionAttributeNames:  map[string]string{"#connector": attrConnector},
		ExpressionAttributeValues: map[string]types.AttributeValue{":connector": text(connector)},
	}
	var items []lease.Item
	for {
		out, err := t.client.Query(ctx, in, once)
		if err != nil {
			return nil, t.classify("Query", err)
		}
		for _, attributes := range out.Items {
			item, err := decodeListed(connector, attributes)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		if len(out.LastEvaluatedKey) == 0 {
			return items, nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

// Delete implements lease.Table.
func (t *Table) Delete(ctx context.Context, item lease.Item) error {
	in := &dynamodb.DeleteItemInput{TableName: &t.name, Key: keyOf(item.Key)}
	condition, names, values := atRevision(item.Rev)
	absent, _, _ := atRevision(0)
	in.ConditionExpression = aws.String(*condition + " OR " + *absent)
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = names, values
	_, err := t.client.DeleteItem(ctx, in, once)
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return lease.ErrConflict
	}
	if err != nil {
		return t.classify("DeleteItem", err)
	}
	return nil
}

// atRevision is the condition that the stored item has a revision, 0 for none.
func atRevision(rev int64) (condition *string, names map[string]string, values map[string]types.AttributeValue) {
	names = map[string]string{"#rev": attrRev}
	if rev == 0 {
		return aws.String("attribute_not_exists(#rev)"), names, nil
	}
	return aws.String("#rev = :rev"), names, map[string]types.AttributeValue{":rev": number(rev)}
}

func once(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// throttled are the codes of requests that had no effect and may be repeated later.
func throttled(code string) bool {
	return slices.Contains([]string{
		"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException", "LimitExceededException",
	}, code)
}

// classify tells failures that say nothing about the outcome from refusals and from mistakes that no repetition mends.
func (t *Table) classify(op string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s on DynamoDB table %s: %w", op, t.name, err)
	}
	api, ok := errors.AsType[smithy.APIError](err)
	switch {
	case ok && throttled(api.ErrorCode()):
		return fmt.Errorf("%s on DynamoDB table %s: %w: %w", op, t.name, lease.ErrThrottled, err)
	case ok && api.ErrorCode() == "ResourceNotFoundException":
		return fmt.Errorf("%s on DynamoDB table %s: the table does not exist; deploy the base stack, or check the name and the region: %w", op, t.name, err)
	case ok && api.ErrorCode() == "AccessDeniedException":
		return fmt.Errorf("%s on DynamoDB table %s: the role lacks dynamodb:%s on it: %w", op, t.name, op, err)
	case ok && clientError(err):
		return fmt.Errorf("%s on DynamoDB table %s: %w", op, t.name, err)
	}
	return fmt.Errorf("%s on DynamoDB table %s: %w: %w", op, t.name, lease.ErrAmbiguous, err)
}

// clientError reports whether the server understood the request and refused it.
func clientError(err error) bool {
	reply, ok := errors.AsType[*smithyhttp.ResponseError](err)
	return ok && reply.HTTPStatusCode() >= 400 && reply.HTTPStatusCode() < 500
}

// Create makes the table, with on-demand billing, unless it exists, and waits until it is active. It is for local stores; in
// production the base stack makes it, with "expires" as its TTL attribute.
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
	waiter := dynamodb.NewTableExistsWaiter(client)
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
		return fmt.Errorf("wait for DynamoDB table %s: %w", name, err)
	}
	return nil
}

func keyOf(key lease.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrConnector: text(key.Connector), attrTask: number(int64(key.Task))}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
