package dynamo

import (
	"encoding/json"
	"fmt"
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

func encode(i lease.Item) map[string]types.AttributeValue {
	m := keyOf(i.Key)
	numbers := map[string]int64{
		attrEpoch: i.Epoch, attrGeneration: i.Generation, attrAttempts: int64(i.Attempts), attrReleased: i.Released, attrRev: i.Rev,
		attrUntil: millis(i.Until), attrNotBefore: millis(i.NotBefore), attrRetiredAt: millis(i.RetiredAt),
	}
	for name, n := range numbers {
		if n != 0 {
			m[name] = number(n)
		}
	}
	texts := map[string]string{
		attrOwner: i.Owner, attrNext: i.Next, attrHint: string(i.Hint), attrFacts: string(i.Facts), attrLastError: i.LastError, attrWrite: i.Write,
	}
	for name, s := range texts {
		if s != "" {
			m[name] = text(s)
		}
	}
	if i.Retired {
		m[attrRetired] = &types.AttributeValueMemberBOOL{Value: true}
		if !i.RetiredAt.IsZero() {
			m[attrExpires] = number(i.RetiredAt.Add(garbageAfter).Unix())
		}
	}
	return m
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// decode reads an item; no attributes at all are an absent one.
func decode(key lease.Key, m map[string]types.AttributeValue) (lease.Item, error) {
	a := attributes{m: m}
	i := lease.Item{
		Key: key, Epoch: a.number(attrEpoch), Generation: a.number(attrGeneration), Owner: a.text(attrOwner), Next: a.text(attrNext),
		Until: a.time(attrUntil), NotBefore: a.time(attrNotBefore), Attempts: int(a.number(attrAttempts)), Released: a.number(attrReleased),
		Hint: a.json(attrHint), Facts: a.json(attrFacts), LastError: a.text(attrLastError),
		Retired: a.bool(attrRetired), RetiredAt: a.time(attrRetiredAt), Rev: a.number(attrRev), Write: a.text(attrWrite),
	}
	if a.err != nil {
		return lease.Item{}, fmt.Errorf("the lease item of task %d of connector %q is damaged: %w", key.Task, key.Connector, a.err)
	}
	return i, nil
}

func decodeListed(connector string, m map[string]types.AttributeValue) (lease.Item, error) {
	a := attributes{m: m}
	task := a.number(attrTask)
	if a.err != nil {
		return lease.Item{}, fmt.Errorf("a lease item of connector %q is damaged: %w", connector, a.err)
	}
	return decode(lease.Key{Connector: connector, Task: int(task)}, m)
}

// attributes reads one item and remembers the first attribute of a wrong type.
type attributes struct {
	m   map[string]types.AttributeValue
	err error
}

func (a *attributes) wrong(name string) {
	if a.err == nil {
		a.err = fmt.Errorf("attribute %s has type %T", name, a.m[name])
	}
}

func (a *attributes) text(name string) string {
	switch v := a.m[name].(type) {
	case nil:
	case *types.AttributeValueMemberS:
		return v.Value
	default:
		a.wrong(name)
	}
	return ""
}

func (a *attributes) json(name string) json.RawMessage {
	if s := a.text(name); s != "" {
		return json.RawMessage(s)
	}
	return nil
}

func (a *attributes) number(name string) int64 {
	switch v := a.m[name].(type) {
	case nil:
		return 0
	case *types.AttributeValueMemberN:
		if n, err := strconv.ParseInt(v.Value, 10, 64); err == nil {
			return n
		}
	}
	a.wrong(name)
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
		a.wrong(name)
	}
	return false
}
