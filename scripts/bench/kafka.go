package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Topics of the embedded broker. Source records go to a broker that forgets them.
const (
	sourceTopic  = "source"
	offsetsTopic = "offsets"
)

// serveBroker is the broker process: kfake, until standard input ends. Its CPU time is its own, not the contenders'.
func serveBroker(forget bool) error {
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(1, sourceTopic), kfake.SeedTopics(25, offsetsTopic)}
	if forget {
		opts = append(opts, kfake.BlackholeProduce())
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		return fmt.Errorf("start the embedded broker: %w", err)
	}
	defer cluster.Close()
	fmt.Println(strings.Join(cluster.ListenAddrs(), ","))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// broker is a broker process of ours.
type broker struct {
	addr  string
	stdin io.Closer
	cmd   *exec.Cmd
}

func startBroker(ctx context.Context, forget bool) (*broker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "broker", fmt.Sprint(forget))
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the broker process: %w", err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("start the broker process: it printed no address: %w", err)
	}
	return &broker{addr: strings.TrimSpace(line), stdin: stdin, cmd: cmd}, nil
}

func (b *broker) close() {
	_ = b.stdin.Close()
	_ = b.cmd.Wait()
}

func (b *broker) seeds() []kgo.Opt { return []kgo.Opt{kgo.SeedBrokers(strings.Split(b.addr, ",")...)} }

// fill makes a topic of n records of one partition each.
func (b *broker) fill(ctx context.Context, topic string, partitions int32, n int, codec kgo.CompressionCodec, value func(i uint64) []byte) error {
	cl, err := kgo.NewClient(append(b.seeds(), kgo.ProducerBatchCompression(codec), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		return err
	}
	defer cl.Close()
	if _, err := kadm.NewClient(cl).CreateTopic(ctx, partitions, 1, nil, topic); err != nil {
		return fmt.Errorf("create topic %s: %w", topic, err)
	}
	var failed error
	for i := range n {
		cl.Produce(ctx, &kgo.Record{Topic: topic, Partition: int32(i) % partitions, Value: value(uint64(i))}, func(_ *kgo.Record, err error) {
			if err != nil {
				failed = err // promises are called one after the other
			}
		})
	}
	if err := cl.Flush(ctx); err != nil {
		return err
	}
	return failed
}
