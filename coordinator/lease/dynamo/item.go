package dynamo

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// Attribute names. Times are milliseconds since the epoch; absent attributes are zero values.
const (
	attrConnector  = "connector"
	attrTask       = "task"
	attrEpoch      = "epoch"
	attrGeneration = "generation"
	attrOwner      = "owner"
	attrNext       = "next"
	attrUntil      = "until"
	attrNotBefore  = "notBefore"
	attrAttempts   = "attempts"
	attrReleased   = "released"
	attrHint       = "hint"
	attrFacts      = "facts"
	attrLastError  = "lastError"
	attrRetiredAt  = "retiredAt"
	attrRetired    = "retired"
	attrRev        = "rev"
	attrWrite      = "write"
	// attrExpires is the TTL attribute: seconds since the epoch, on retired items only. It is for garbage that no Raise ever
	// looks at again; nothing depends on when, or whether, DynamoDB deletes.
	attrExpires = "expires"
)

const garbageAfter = 30 * 24 * time.Hour

// attribute is one attribute of an item; a nil value is one that the item does not have.
type attribute struct {
	name  string
	value types.AttributeValue
}

// encode returns every attribute that this version knows, but the key.
func encode(i lease.Item) []attribute {
	all := []attribute{
		{attrEpoch, unlessZero(i.Epoch)},
		{attrGeneration, unlessZero(i.Generation)},
		{attrOwner, unlessEmpty(i.Owner)},
		{attrNext, unlessEmpty(i.Next)},
		{attrUntil, unlessZero(millis(i.Until))},
		{attrNotBefore, unlessZero(millis(i.NotBefore))},
		{attrAttempts, unlessZero(int64(i.Attempts))},
		{attrReleased, unlessZero(i.Released)},
		{attrHint, unlessEmpty(string(i.Hint))},
		{attrFacts, unlessEmpty(string(i.Facts))},
		{attrLastError, unlessEmpty(i.LastError)},
		{attrRev, unlessZero(i.Rev)},
		{attrWrite, unlessEmpty(i.Write)},
		{attrRetired, nil}, {attrRetiredAt, nil}, {attrExpires, nil},
	}
	if i.Retired {
		retired := all[len(all)-3:]
		retired[0].value = &types.AttributeValueMemberBOOL{Value: true}
		if !i.RetiredAt.IsZero() {
			retired[1].value = number(millis(i.RetiredAt))
			retired[2].value = number(i.RetiredAt.Add(garbageAfter).Unix())
		}
	}
	return all
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func unlessEmpty(s string) types.AttributeValue {
	if s == "" {
		return nil
	}
	return text(s)
}

func unlessZero(n int64) types.AttributeValue {
	if n == 0 {
		return nil
	}
	return number(n)
}

func keyOf(key lease.Key) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{attrConnector: text(key.Connector), attrTask: number(int64(key.Task))}
}

// decode reads an item; no attributes at all are an absent one. Attributes that this version does not know are passed over.
//
// An item that no version of Ferry can have written is an error, since any guess could be wrong about who holds the lease:
// one without a revision would look like none at all, one released beyond its epoch could never be released.
func decode(key lease.Key, m map[string]types.AttributeValue) (lease.Item, error) {
	a := attributes{m: m}
	i := lease.Item{
		Key: key, Epoch: a.number(attrEpoch), Generation: a.number(attrGeneration), Owner: a.text(attrOwner), Next: a.text(attrNext),
		Until: a.time(attrUntil), NotBefore: a.time(attrNotBefore), Attempts: int(a.number(attrAttempts)), Released: a.number(attrReleased),
		Hint: a.json(attrHint), Facts: a.json(attrFacts), LastError: a.text(attrLastError),
		Retired: a.bool(attrRetired), RetiredAt: a.time(attrRetiredAt), Rev: a.number(attrRev), Write: a.text(attrWrite),
	}
	switch {
	case a.err != nil:
	case len(m) > 0 && i.Rev == 0:
		a.err = errors.New("attribute rev is missing, which every write of Ferry sets")
	case i.Released > i.Epoch:
		a.err = fmt.Errorf("attribute released is %d, beyond the epoch %d", i.Released, i.Epoch)
	}
	if a.err != nil {
		return lease.Item{}, fmt.Errorf("the lease of task %d of connector %q was changed by hand: %w; correct it, or delete the item: the coordinator makes it anew",
			key.Task, key.Connector, a.err)
	}
	return i, nil
}

// keyIn reads the key of an item that was not asked for by its whole key.
func keyIn(connector string, m map[string]types.AttributeValue) (lease.Key, error) {
	a := attributes{m: m}
	task := a.integer(attrTask, math.MinInt32, math.MaxInt32) // the connector's own lease has a negative one
	if a.err != nil {
		return lease.Key{}, fmt.Errorf("a lease of connector %q has a key that is none of Ferry's: %w; delete the item", connector, a.err)
	}
	return lease.Key{Connector: connector, Task: int(task)}, nil
}

// attributes reads one item and remembers what is wrong with the first attribute that cannot be right.
type attributes struct {
	m   map[string]types.AttributeValue
	err error
}

func (a *attributes) wrong(name, want string) {
	if a.err != nil {
		return
	}
	is := fmt.Sprintf("of type %T", a.m[name])
	switch v := a.m[name].(type) {
	case *types.AttributeValueMemberN:
		is = v.Value
	case *types.AttributeValueMemberS: // it may be long, and may be an error with somebody's data in it
		is = "a string"
	}
	a.err = fmt.Errorf("attribute %s is %s, not %s", name, is, want)
}

func (a *attributes) text(name string) string {
	switch v := a.m[name].(type) {
	case nil:
	case *types.AttributeValueMemberS:
		return v.Value
	default:
		a.wrong(name, "a string")
	}
	return ""
}

// json leaves out what is no JSON: hint and facts only make a start faster and a status richer.
func (a *attributes) json(name string) json.RawMessage {
	if raw := json.RawMessage(a.text(name)); json.Valid(raw) {
		return raw
	}
	return nil
}

// number reads a count or a time: none of them is ever negative.
func (a *attributes) number(name string) int64 { return a.integer(name, 0, math.MaxInt64) }

// integer reads a number of at most 63 bits; DynamoDB's have 38 digits.
func (a *attributes) integer(name string, low, high int64) int64 {
	switch v := a.m[name].(type) {
	case nil:
		return 0
	case *types.AttributeValueMemberN:
		if n, err := strconv.ParseInt(v.Value, 10, 64); err == nil && n >= low && n <= high {
			return n
		}
	}
	a.wrong(name, fmt.Sprintf("a whole number from %d to %d", low, high))
	return 0
}

func (a *attributes) time(name string) time.Time {
	if ms := a.number(name); ms != 0 {
		return time.UnixMilli(ms)
	}
	return time.Time{}
}

func (a *attributes) bool(name string) bool {
	switch v := a.m[name].(type) {
	case nil:
	case *types.AttributeValueMemberBOOL:
		return v.Value
	default:
		a.wrong(name, "a truth value")
	}
	return false
}
