package connect_test

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestABatchIsFullAtEitherBound(t *testing.T) {
	for _, tc := range []struct {
		name                 string
		maxRecords, maxBytes int
		each                 int
		want                 int
	}{
		{"by records", 3, 1 << 20, 10, 3},
		{"by bytes", 1000, 100, 30, 4}, // the fourth exceeds the bound
		{"one record beyond all bytes", 1000, 100, 5000, 1},
		{"no bytes counted", 7, 1, 0, 7},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := connect.NewBatch(tc.maxRecords, tc.maxBytes)
			for !b.Full() {
				b.Append()
				b.AddBytes(tc.each)
			}
			records, bytes := b.Remaining()
			if b.Len() != tc.want || b.Size() != tc.want*tc.each || records != tc.maxRecords-b.Len() || bytes < 0 {
				t.Errorf("full at %d records and %d bytes, %d and %d remaining", b.Len(), b.Size(), records, bytes)
			}
		})
	}
}

func TestAFreshRecordHasNoCoordinates(t *testing.T) {
	b := connect.NewBatch(10, 100)
	r := b.Append()
	r.Topic, r.Timestamp, r.Offset, r.Key = "t", 5, 6, connect.Int8(1)
	b.Reset()
	r = b.Append()
	if r.Topic != "" || r.Timestamp != connect.NoTimestamp || r.Partition != connect.NoPartition || r.Offset != connect.NoOffset ||
		r.OriginalPartition != connect.NoPartition || r.OriginalOffset != connect.NoOffset || !r.Key.IsNull() || r.TimestampType != connect.NoTimestampType {
		t.Errorf("a fresh record is %+v", r)
	}
}

func TestABatchMayGrowBeyondItsBoundWhenAskedTo(t *testing.T) {
	b := connect.NewBatch(2, 100)
	for i := range 200 {
		b.Append().Partition = int32(i)
	}
	for i, r := range b.Records() {
		if r.Partition != int32(i) {
			t.Fatalf("record %d is now %d", i, r.Partition)
		}
	}
}

func TestTruncateKeepsTheFirstRecords(t *testing.T) {
	b := connect.NewBatch(10, 100)
	for i := range 5 {
		b.Append().Offset = int64(i)
	}
	b.Truncate(2)
	if b.Len() != 2 || b.Records()[1].Offset != 1 {
		t.Errorf("%d records are left", b.Len())
	}
	if r := b.Append(); r.Offset != connect.NoOffset {
		t.Errorf("the next record begins as %d", r.Offset)
	}
}

func TestHeaderOperations(t *testing.T) {
	headers := func() []connect.Header {
		var hs []connect.Header
		for i, key := range []string{"a", "b", "a", "c", "b"} {
			hs = connect.AppendHeader(nil, hs, connect.Header{Key: key, Schema: connect.Int8Schema, Value: connect.Int8(int8(i))})
		}
		return hs
	}
	text := func(hs []connect.Header) string {
		s := ""
		for _, h := range hs {
			s += h.Key + h.Value.String() + " "
		}
		return s
	}
	if h, ok := connect.LastHeader(headers(), "a"); !ok || h.Value.Int() != 2 {
		t.Errorf("the last a is %v", h.Value)
	}
	if _, ok := connect.LastHeader(headers(), "z"); ok {
		t.Error("found a header that is not there")
	}
	for _, tc := range []struct {
		name, got, want string
	}{
		{"as appended", text(headers()), "a0 b1 a2 c3 b4 "},
		{"without a", text(connect.RemoveHeaders(headers(), "a")), "b1 c3 b4 "},
		{"without z", text(connect.RemoveHeaders(headers(), "z")), "a0 b1 a2 c3 b4 "},
		{"latest", text(connect.RetainLatestHeaders(headers())), "a2 c3 b4 "},
		{"of none", text(connect.RetainLatestHeaders(nil)), ""},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}
