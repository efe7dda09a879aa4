package rest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/coordinator/rest"
)

func TestTheOffsetsOfASinkAreThoseOfItsGroup(t *testing.T) {
	fenced := 0
	c := newCluster(t, func(o *rest.Options) {
		o.Fence = func(context.Context, string) error { fenced++; return nil }
	})
	admin := kadm.NewClient(c.client)
	if _, err := admin.CreateTopic(t.Context(), 2, 1, nil, "t"); err != nil {
		t.Fatal(err)
	}
	c.expect(http.StatusCreated, "POST", "/connectors", create("s", sinkConfig, "STOPPED"))
	same := func(want string) {
		t.Helper()
		if got := c.expect(http.StatusOK, "GET", "/connectors/s/offsets", ""); got != `{"offsets":[`+want+`]}` {
			t.Errorf("offsets are %s, want %s", got, want)
		}
	}
	const p0, p1 = `{"partition":{"kafka_partition":0,"kafka_topic":"t"},"offset":{"kafka_offset":5}}`, `{"partition":{"kafka_partition":1,"kafka_topic":"t"},"offset":{"kafka_offset":7}}`
	same("")
	// Of several offsets for a partition the last counts; numbers may be text.
	c.expect(http.StatusOK, "PATCH", "/connectors/s/offsets", `{"offsets":[
		{"partition":{"kafka_topic":"t","kafka_partition":1},"offset":{"kafka_offset":1}},
		{"partition":{"kafka_topic":"t","kafka_partition":"1"},"offset":{"kafka_offset":"7"}},
		{"partition":{"kafka_topic":"t","kafka_partition":0},"offset":{"kafka_offset":5}}]}`)
	same(p0 + "," + p1)
	c.expect(http.StatusOK, "PATCH", "/connectors/s/offsets", `{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":0},"offset":null}]}`)
	same(p1)
	c.expect(http.StatusBadRequest, "PATCH", "/connectors/s/offsets", `{"offsets":[{"partition":{"kafka_topic":"t"},"offset":{"kafka_offset":1}}]}`)
	for _, negative := range []string{`{"partition":{"kafka_topic":"t","kafka_partition":0},"offset":{"kafka_offset":-1}}`, `{"partition":{"kafka_topic":"t","kafka_partition":-1},"offset":null}`} {
		c.expect(http.StatusBadRequest, "PATCH", "/connectors/s/offsets", `{"offsets":[`+negative+`]}`)
	}
	text := c.expect(http.StatusOK, "DELETE", "/connectors/s/offsets", "")
	if text != `{"message":"The offsets for this connector have been reset successfully"}` {
		t.Errorf("the answer is %s", text)
	}
	same("")
	c.expect(http.StatusOK, "DELETE", "/connectors/s/offsets", "")
	if fenced != 7 {
		t.Errorf("tasks were fenced %d times, want once for each request", fenced)
	}
}

func TestOffsetsOfAGroupWithMembersStay(t *testing.T) {
	c := newCluster(t)
	if _, err := kadm.NewClient(c.client).CreateTopic(t.Context(), 1, 1, nil, "t"); err != nil {
		t.Fatal(err)
	}
	c.expect(http.StatusCreated, "POST", "/connectors", create("s", sinkConfig, "STOPPED"))
	c.broker.ControlKey(int16(kmsg.OffsetCommit), func(req kmsg.Request) (kmsg.Response, error, bool) {
		commit := req.(*kmsg.OffsetCommitRequest)
		resp := commit.ResponseKind().(*kmsg.OffsetCommitResponse)
		for _, topic := range commit.Topics {
			rt := kmsg.OffsetCommitResponseTopic{Topic: topic.Topic, TopicID: topic.TopicID}
			for _, p := range topic.Partitions {
				rt.Partitions = append(rt.Partitions, kmsg.OffsetCommitResponseTopicPartition{Partition: p.Partition, ErrorCode: kerr.UnknownMemberID.Code})
			}
			resp.Topics = append(resp.Topics, rt)
		}
		return resp, nil, true
	})
	text := c.expect(http.StatusInternalServerError, "PATCH", "/connectors/s/offsets", `{"offsets":[{"partition":{"kafka_topic":"t","kafka_partition":0},"offset":{"kafka_offset":1}}]}`)
	if !strings.Contains(text, "this operation can be safely retried") {
		t.Errorf("the answer is %s", text)
	}
}

func TestOffsetsAreAlteredOnlyWhenNoTaskCanCommitAnyMore(t *testing.T) {
	c := newCluster(t, func(o *rest.Options) {
		o.Fence = func(context.Context, string) error { return errors.New("a task is still running") }
	})
	c.expect(http.StatusCreated, "POST", "/connectors", create("a", sourceConfig, "STOPPED"))
	text := c.expect(http.StatusInternalServerError, "PATCH", "/connectors/a/offsets", `{"offsets":[{"partition":{"filename":"in.txt"},"offset":{"position":1}}]}`)
	if !strings.Contains(text, "a task is still running") {
		t.Errorf("the answer is %s", text)
	}
	if got := c.expect(http.StatusOK, "GET", "/connectors/a/offsets", ""); got != `{"offsets":[]}` {
		t.Errorf("offsets are %s", got)
	}
}
