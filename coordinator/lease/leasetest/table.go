package leasetest

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

func mustSwap(t *testing.T, table lease.Table, item lease.Item) {
	t.Helper()
	if _, err := table.Swap(t.Context(), item); err != nil {
		t.Fatal(err)
	}
}

func tableAbsent(t *testing.T, table lease.Table) {
	key := lease.Key{Connector: t.Name(), Task: 3}
	item, err := table.Get(t.Context(), key)
	if err != nil || item.Rev != 0 || item.Key != key {
		t.Fatalf("got %+v, %v", item, err)
	}
}

func tableRoundTrip(t *testing.T, table lease.Table) {
	at := func(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
	full := lease.Item{
		Key: lease.Key{Connector: t.Name(), Task: 7}, Epoch: 3, Generation: 1 << 40, Owner: "é o", Next: "n",
		Until: at(1_700_000_000_123), NotBefore: at(1_700_000_000_456), Attempts: 2, Released: 2,
		Hint: json.RawMessage(`{"partition":3}`), Facts: json.RawMessage(`{"a":[1,"\u00e9"]}`), LastError: "it\nfailed",
		Retired: true, RetiredAt: at(1_700_000_000_789), Rev: 1, Write: "w1",
	}
	large := full
	large.Task, large.Epoch, large.Generation, large.Released = 8, math.MaxInt64, math.MaxInt64, 1<<53+1
	large.Attempts, large.RetiredAt = math.MaxInt32, time.Time{}
	empty := lease.Item{Key: lease.Key{Connector: t.Name(), Task: 0}, Rev: 1, Write: "w"}
	for _, want := range []lease.Item{full, large, empty} {
		mustSwap(t, table, want)
		got, err := table.Get(t.Context(), want.Key)
		if err != nil || !reflect.DeepEqual(utc(got), want) {
			t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
		}
	}
}

func utc(i lease.Item) lease.Item {
	for _, at := range []*time.Time{&i.Until, &i.NotBefore, &i.RetiredAt} {
		if !at.IsZero() {
			*at = at.UTC()
		}
	}
	return i
}

func tableConflict(t *testing.T, table lease.Table) {
	item := lease.Item{Key: lease.Key{Connector: t.Name()}, Owner: "a", Rev: 1, Write: "w1"}
	if stored, err := table.Swap(t.Context(), lease.Item{Key: item.Key, Rev: 2}); !errors.Is(err, lease.ErrConflict) || stored.Rev != 0 {
		t.Fatalf("swap of an absent item: %+v, %v", stored, err)
	}
	mustSwap(t, table, item)
	for _, rev := range []int64{1, 3} {
		next := item
		next.Owner, next.Rev = "b", rev
		stored, err := table.Swap(t.Context(), next)
		if !errors.Is(err, lease.ErrConflict) || stored.Rev != 1 || stored.Owner != "a" || stored.Write != "w1" || stored.Key != item.Key {
			t.Errorf("swap to revision %d: %+v, %v", rev, stored, err)
		}
	}
	item.Owner, item.Rev = "c", 2
	mustSwap(t, table, item)
}

func tableDelete(t *testing.T, table lease.Table) {
	item := lease.Item{Key: lease.Key{Connector: t.Name()}, Rev: 1}
	if err := table.Delete(t.Context(), item); err != nil {
		t.Fatalf("delete of an absent item: %v", err)
	}
	mustSwap(t, table, item)
	other := item
	other.Rev = 2
	if err := table.Delete(t.Context(), other); !errors.Is(err, lease.ErrConflict) {
		t.Fatalf("delete of another revision: %v", err)
	}
	if err := table.Delete(t.Context(), item); err != nil {
		t.Fatal(err)
	}
	if got, err := table.Get(t.Context(), item.Key); err != nil || got.Rev != 0 {
		t.Fatalf("after the delete: %+v, %v", got, err)
	}
}

func tableList(t *testing.T, table lease.Table) {
	for _, task := range []int{11, 2, 0} {
		mustSwap(t, table, lease.Item{Key: lease.Key{Connector: t.Name(), Task: task}, Rev: 1, Retired: task == 2})
	}
	mustSwap(t, table, lease.Item{Key: lease.Key{Connector: t.Name() + "-other"}, Rev: 1})
	items, err := table.List(t.Context(), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	var tasks []int
	for _, i := range items {
		tasks = append(tasks, i.Task)
	}
	if !reflect.DeepEqual(tasks, []int{0, 2, 11}) {
		t.Fatalf("listed tasks %v", tasks)
	}
}
