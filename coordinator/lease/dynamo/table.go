// Package dynamo keeps leases in a DynamoDB table.
//
// One item per task: partition key "connector" (string), sort key "task" (number). Every write is an UpdateItem, conditional
// on the item's revision number; an item is well below 1 KB, so a write costs one unit, and the item that comes back with a
// failed condition costs nothing. Reads are strongly consistent, because a check that reads a stale item would let a former
// holder go on.
//
// A write sets what an item has and removes what it has not, among the attributes that this version knows. Others it leaves
// alone: while a deployment rolls out, functions of two versions take turns, and what the newer one stored has to outlive the
// older one's turn. A PutItem would drop it.
//
// # Failures
//
// The client's own retries are switched off for every request: a repetition whose first attempt took effect looks like a
// conflict, and a throttled repetition like a request that had no effect. The caller, lease.Leases, knows how to tell. What
// it is told:
//
//   - A throttled request had no effect (lease.ErrThrottled).
//   - An error of the server, a broken reply and none within the time limit are ambiguous (lease.ErrAmbiguous). Local stores
//     answer some requests with a success and a broken body; that is ambiguous like any other broken reply. The time limit is
//     per request: a connection that died while the function was frozen must not take the rest of the invocation with it.
//   - A signature refused for its time had no effect either. DynamoDB takes none that is off by more than five minutes, but its
//     refusal bears its own time, which the client signs by from then on. So one repetition, here, mends a clock that is
//     wrong, and a process that slept through a correction of the clock.
//   - Everything else is final, and says what to do.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// Table is a lease.Table on DynamoDB. Its methods may be called concurrently.
type Table struct {
	client    *dynamodb.Client
	name      string
	timeout   time.Duration
	log       *slog.Logger
	wrongTime sync.Once
}

// Option changes how a Table works.
type Option func(*Table)

// Timeout bounds each request, connection and all; 2 s by default. What takes longer is ambiguous.
func Timeout(d time.Duration) Option { return func(t *Table) { t.timeout = d } }

// Log is told, once, of a clock that is wrong; by default nobody is.
func Log(l *slog.Logger) Option { return func(t *Table) { t.log = l } }

// New returns the table of the given name, which must exist (see Create).
func New(client *dynamodb.Client, name string, options ...Option) *Table {
	t := &Table{client: client, name: name, timeout: 2 * time.Second, log: slog.New(slog.DiscardHandler)}
	for _, o := range options {
		o(t)
	}
	return t
}

// Get implements lease.Table.
func (t *Table) Get(ctx context.Context, key lease.Key) (lease.Item, error) {
	out, err := send(ctx, t, "GetItem", t.client.GetItem, &dynamodb.GetItemInput{
		TableName: &t.name, Key: keyOf(key), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return lease.Item{}, err
	}
	return t.decode(key, out.Item)
}

// decode reads an item of the table.
func (t *Table) decode(key lease.Key, attributes map[string]types.AttributeValue) (lease.Item, error) {
	item, err := decode(key, attributes)
	if err != nil {
		return item, fmt.Errorf("DynamoDB table %s: %w", t.name, err)
	}
	return item, nil
}

// Swap implements lease.Table.
func (t *Table) Swap(ctx context.Context, next lease.Item) (lease.Item, error) {
	_, err := send(ctx, t, "UpdateItem", t.client.UpdateItem, update(t.name, next))
	if failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return t.conflict(ctx, next.Key, failed)
	}
	if err != nil {
		return lease.Item{}, err
	}
	return next, nil
}

// update is the request that turns the item of the revision before next into next.
func update(table string, next lease.Item) *dynamodb.UpdateItemInput {
	names, values := map[string]string{}, map[string]types.AttributeValue{}
	var set, remove strings.Builder
	for _, a := range encode(next) {
		names["#"+a.name] = a.name
		if a.value == nil {
			list(&remove, "REMOVE ", "#", a.name)
			continue
		}
		values[":"+a.name] = a.value
		list(&set, "SET ", "#", a.name, " = :", a.name)
	}
	in := &dynamodb.UpdateItemInput{
		TableName: &table, Key: keyOf(next.Key),
		UpdateExpression:         aws.String(set.String() + " " + remove.String()),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if next.Rev == 1 { // of the item, not of its revision: one without is not written over
		in.ConditionExpression, names["#key"] = aws.String("attribute_not_exists(#key)"), attrConnector
	} else {
		in.ConditionExpression, values[":old"] = aws.String("#rev = :old"), number(next.Rev-1)
	}
	return in
}

// list appends an element, made of parts, to a list that begins with a keyword.
func list(b *strings.Builder, keyword string, parts ...string) {
	if b.Len() > 0 {
		keyword = ", "
	}
	b.WriteString(keyword)
	for _, p := range parts {
		b.WriteString(p)
	}
}

// conflict returns the stored item with lease.ErrConflict. A store that does not return it with the failure is asked for it.
func (t *Table) conflict(ctx context.Context, key lease.Key, failed *types.ConditionalCheckFailedException) (lease.Item, error) {
	stored, err := t.decode(key, failed.Item)
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
		out, err := send(ctx, t, "Query", t.client.Query, in)
		if err != nil {
			return nil, err
		}
		for _, attributes := range out.Items {
			key, err := keyIn(connector, attributes)
			if err != nil {
				return nil, fmt.Errorf("DynamoDB table %s: %w", t.name, err)
			}
			item, err := t.decode(key, attributes)
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
	_, err := send(ctx, t, "DeleteItem", t.client.DeleteItem, &dynamodb.DeleteItemInput{
		TableName: &t.name, Key: keyOf(item.Key),
		ConditionExpression:       aws.String("#rev = :rev OR attribute_not_exists(#key)"),
		ExpressionAttributeNames:  map[string]string{"#rev": attrRev, "#key": attrConnector},
		ExpressionAttributeValues: map[string]types.AttributeValue{":rev": number(item.Rev)},
	})
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return lease.ErrConflict
	}
	return err
}

// send makes a request, which bears the name op in permissions and errors. A failed condition is returned as it came.
func send[In, Out any](ctx context.Context, t *Table, op string, call func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error), in *In) (*Out, error) {
	out, off, err := sendOnce(ctx, t, call, in)
	if err != nil && ctx.Err() == nil && badSignature(code(err)) {
		out, off, err = sendOnce(ctx, t, call, in)
	}
	if off.Abs() > time.Minute {
		t.wrongTime.Do(func() {
			t.log.WarnContext(ctx, "the clock is wrong: leases are taken over too early or too late", "clock", clockIs(off))
		})
	}
	if _, failed := errors.AsType[*types.ConditionalCheckFailedException](err); err == nil || failed {
		return out, err
	}
	return nil, fmt.Errorf("%s on DynamoDB table %s: %w", op, t.name, t.classify(ctx, op, off, err))
}

// sendOnce is one attempt, within the time limit. off is by how much the server's clock is ahead of ours.
func sendOnce[In, Out any](ctx context.Context, t *Table, call func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error), in *In) (out *Out, off time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	out, err = call(ctx, in, func(o *dynamodb.Options) {
		o.Retryer = aws.NopRetryer{}
		o.APIOptions = append(o.APIOptions, compareClocks(&off))
	})
	return out, off, err
}
