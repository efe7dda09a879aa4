package dynamo_test

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/lease/dynamo"
	"github.com/ferry-connect/ferry/coordinator/lease/leasetest"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func client(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(url), Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		DisableValidateResponseChecksum: true,
	})
}

// open returns a client of a real store that has the table "leases". The table was created twice.
func open(t *testing.T, start func(testing.TB, ...servers.Option) *servers.Server) *dynamodb.Client {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a server")
	}
	c := client(start(t).URL())
	for range 2 {
		if err := dynamo.Create(t.Context(), c, "leases"); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// conforms runs the suite. Stores share the machine with other tests: nothing here is about how fast they answer.
func conforms(t *testing.T, c *dynamodb.Client, opts ...leasetest.Option) {
	leasetest.Run(t, func() lease.Table { return dynamo.New(c, "leases", dynamo.Timeout(time.Minute)) }, opts...)
}

func TestDynamoDBLocal(t *testing.T) {
	c := open(t, servers.DynamoDB)
	conforms(t, c)
	t.Run("attributes of a newer version survive", func(t *testing.T) { survives(t, c) })
	t.Run("an item that was changed by hand", func(t *testing.T) { changedByHand(t, c) })
	t.Run("a first write does not go over an item of somebody else", func(t *testing.T) { noRevision(t, c) })
	t.Run("a revision beyond 53 bits", func(t *testing.T) { largeRevision(t, c) })
	t.Run("a table that is no table of leases", func(t *testing.T) { otherTables(t, c) })
	t.Run("TTL is on", func(t *testing.T) {
		out, err := c.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("leases")})
		if err != nil || aws.ToString(out.TimeToLiveDescription.AttributeName) != "expires" {
			t.Errorf("described %+v, %v", out, err)
		}
	})
}

func TestMiniStack(t *testing.T) { conforms(t, open(t, servers.MiniStack)) }

func TestLocalStack(t *testing.T) { conforms(t, open(t, servers.LocalStack), leasetest.Slow()) }

type attributes = map[string]types.AttributeValue

func n(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }

func s(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// put writes an item of task 0 without Ferry.
func put(t *testing.T, c *dynamodb.Client, connector string, item attributes) {
	t.Helper()
	all := attributes{"connector": s(connector), "task": n("0")}
	maps.Copy(all, item)
	if _, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("leases"), Item: all}); err != nil {
		t.Fatal(err)
	}
}

func raw(t *testing.T, c *dynamodb.Client, connector string) attributes {
	t.Helper()
	out, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String("leases"), Key: attributes{"connector": s(connector), "task": n("0")}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

func survives(t *testing.T, c *dynamodb.Client) {
	// given an item that a newer version wrote, and what this one clears
	put(t, c, "newer", attributes{
		"rev": n("7"), "generation": n("1"), "epoch": n("3"), "owner": s("newer"), "until": n("1"),
		"lastError": s("it broke"), "hops": n("4"), "trace": &types.AttributeValueMemberM{Value: attributes{"id": s("x")}},
	})
	leases, key := lease.New(dynamo.New(c, "leases"), lease.Options{}), lease.Key{Connector: "newer"}

	// when this version has its turn
	held, err := leases.Acquire(t.Context(), key, "older", 1, time.Now().Add(time.Minute))
	if err == nil {
		err = leases.Release(t.Context(), held, lease.Outcome{})
	}
	if err != nil {
		t.Fatal(err)
	}

	// then what it does not know is there still, and what it cleared is gone
	item := raw(t, c, "newer")
	if hops, ok := item["hops"].(*types.AttributeValueMemberN); !ok || hops.Value != "4" || item["trace"] == nil {
		t.Errorf("the newer version's attributes: %v", item)
	}
	for _, name := range []string{"owner", "until", "lastError"} {
		if item[name] != nil {
			t.Errorf("%s is %v", name, item[name])
		}
	}
	if rev := item["rev"].(*types.AttributeValueMemberN); rev.Value != "9" {
		t.Errorf("the revision is %s", rev.Value)
	}
}

func changedByHand(t *testing.T, c *dynamodb.Client) {
	for _, x := range []struct {
		name string
		item attributes
		want string // in the error; empty: the lease can be acquired
	}{
		{"with an epoch that is text", attributes{"rev": n("1"), "epoch": s("five")}, "attribute epoch is a string, not a whole number"},
		{"with a negative epoch", attributes{"rev": n("1"), "epoch": n("-5")}, "attribute epoch is -5, not a whole number from 0"},
		{"with a fraction of an epoch", attributes{"rev": n("1"), "epoch": n("1.5")}, "attribute epoch is 1.5"},
		{"with an epoch of 38 digits", attributes{"rev": n("1"), "epoch": n("12345678901234567890123456789012345678")}, "to 9223372036854775807"},
		{"with the last epoch", attributes{"rev": n("1"), "epoch": n("9223372036854775807")}, "the epoch of task 0"},
		{"with the last revision", attributes{"rev": n("9223372036854775807")}, "its revision cannot grow"},
		{"released beyond its epoch", attributes{"rev": n("1"), "epoch": n("5"), "released": n("6")}, "attribute released is 6, beyond the epoch 5"},
		{"without a revision", attributes{"epoch": n("5")}, "attribute rev is missing"},
		{"with revision 0", attributes{"rev": n("0")}, "attribute rev is missing"},
		{"with a time that is text", attributes{"rev": n("1"), "until": s("2026-01-01")}, "attribute until is a string"},
		{"with an owner that is a number", attributes{"rev": n("1"), "owner": n("5")}, "attribute owner is 5, not a string"},
		{"retired by a text", attributes{"rev": n("1"), "retired": s("true")}, "attribute retired is a string, not a truth value"},
		{"with an owner of no letters", attributes{"rev": n("1"), "owner": s(""), "until": n("99999999999999")}, ""},
		{"with an owner and no time", attributes{"rev": n("1"), "owner": s("me")}, ""},
		{"with facts that are no JSON", attributes{"rev": n("1"), "facts": s("{")}, ""},
		{"with an attribute of somebody's own", attributes{"rev": n("1"), "note": s("do not touch")}, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			put(t, c, x.name, x.item)
			before := raw(t, c, x.name)
			leases := lease.New(dynamo.New(c, "leases"), lease.Options{})
			_, err := leases.Acquire(t.Context(), lease.Key{Connector: x.name}, "o", 0, time.Now().Add(time.Minute))
			if x.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), "delete the item") ||
				!strings.Contains(err.Error(), x.name) || errors.Is(err, lease.ErrAmbiguous) {
				t.Errorf("error %v", err)
			}
			if after := raw(t, c, x.name); len(after) != len(before) {
				t.Errorf("the item was changed from %v to %v", before, after)
			}
		})
	}
}

func noRevision(t *testing.T, c *dynamodb.Client) {
	put(t, c, "theirs", attributes{"note": s("mine")})
	_, err := dynamo.New(c, "leases").Swap(t.Context(), lease.Item{Key: lease.Key{Connector: "theirs"}, Rev: 1})
	if err == nil || errors.Is(err, lease.ErrConflict) || !strings.Contains(err.Error(), "attribute rev is missing") {
		t.Errorf("error %v", err)
	}
}

func largeRevision(t *testing.T, c *dynamodb.Client) {
	put(t, c, "many writes", attributes{"rev": n("9007199254740993")})
	table, key := dynamo.New(c, "leases"), lease.Key{Connector: "many writes"}
	if stored, err := table.Swap(t.Context(), lease.Item{Key: key, Rev: 1 << 53}); !errors.Is(err, lease.ErrConflict) || stored.Rev != 1<<53+1 {
		t.Errorf("a swap under the revision before it: %+v, %v", stored, err)
	}
	if _, err := table.Swap(t.Context(), lease.Item{Key: key, Rev: 1<<53 + 2}); err != nil {
		t.Error(err)
	}
}

func otherTables(t *testing.T, c *dynamodb.Client) {
	const S, N = types.ScalarAttributeTypeS, types.ScalarAttributeTypeN
	for name, keys := range map[string][]types.AttributeDefinition{
		"without-sort-key": {{AttributeName: aws.String("connector"), AttributeType: S}},
		"with-other-names": {{AttributeName: aws.String("id"), AttributeType: S}, {AttributeName: aws.String("task"), AttributeType: N}},
		"with-other-types": {{AttributeName: aws.String("connector"), AttributeType: S}, {AttributeName: aws.String("task"), AttributeType: S}},
	} {
		t.Run(name, func(t *testing.T) {
			in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest, AttributeDefinitions: keys}
			for i, k := range keys {
				in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: k.AttributeName, KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
			}
			if _, err := c.CreateTable(t.Context(), in); err != nil {
				t.Fatal(err)
			}
			table, key := dynamo.New(c, name), lease.Key{Connector: "c"}
			_, got := table.Get(t.Context(), key)
			_, swapped := table.Swap(t.Context(), lease.Item{Key: key, Rev: 1})
			deleted := table.Delete(t.Context(), lease.Item{Key: key, Rev: 1})
			created := dynamo.Create(t.Context(), c, name)
			for what, err := range map[string]error{"get": got, "swap": swapped, "delete": deleted, "create": created} {
				if err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "instead of connector (HASH, S), task (RANGE, N)") {
					t.Errorf("%s: error %v", what, err)
				}
			}
		})
	}
	t.Run("a table that does not exist is named, with what to do", func(t *testing.T) {
		_, err := dynamo.New(c, "nowhere").Get(t.Context(), lease.Key{Connector: "c"})
		if err == nil || errors.Is(err, lease.ErrAmbiguous) || !strings.Contains(err.Error(), "nowhere") || !strings.Contains(err.Error(), "deploy") {
			t.Fatalf("error %v", err)
		}
	})
}
