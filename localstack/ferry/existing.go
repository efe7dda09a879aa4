package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ferry-connect/ferry/coordinator/worker"
)

// existing are the flags of ferry dev that name a Kafka cluster which exists.
type existing struct {
	bootstrap, worker string
	listen            bool // --listen was given
}

func (e *existing) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&e.bootstrap, "bootstrap-servers", "", "host:port,… of a Kafka cluster that exists, in place of the embedded broker")
	flags.StringVar(&e.worker, "worker", "", "properties file of a distributed worker, whose Kafka cluster, group.id and topics are used")
	cobra.CheckErr(cmd.MarkFlagFilename("worker", "properties"))
}

// properties returns the worker's properties, or nil when neither a flag nor CONNECT_BOOTSTRAP_SERVERS names a cluster. A flag wins over
// the environment, and that over the file.
func (e *existing) properties(listen string) (map[string]string, error) {
	props := devWorker(e.bootstrap, listen)
	if e.worker != "" {
		var err error
		if props, err = worker.ReadFile(e.worker); err != nil {
			return nil, err
		}
	}
	withEnvironment(props)
	if e.bootstrap != "" {
		props["bootstrap.servers"] = e.bootstrap
	}
	if e.worker == "" && props["bootstrap.servers"] == "" {
		return nil, nil
	}
	if e.listen || props[worker.ListenersKey] == "" {
		props[worker.ListenersKey] = "http://" + listen
	}
	return props, nil
}

// embedded returns the worker's properties over the embedded broker, whose address is not known yet.
func (e *existing) embedded(listen string) map[string]string {
	props := withEnvironment(devWorker("embedded:0", listen))
	if e.listen {
		props[worker.ListenersKey] = "http://" + listen
	}
	return props
}

// overExisting runs the product over a cluster that exists.
func (d *dev) overExisting(ctx context.Context, out output, props map[string]string, folder string) (err error) {
	w, ln, err := d.open(ctx, props)
	if err != nil {
		return err
	}
	h, err := d.host(ctx, ln, w, out)
	if err != nil {
		return err
	}
	defer d.end(h, out, &err)
	if d.quickstart {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("create the data folder: %w", err)
		}
	}
	greetExisting(out, h, strings.Join(h.Worker.BootstrapServers, ","), h.Worker.GroupID)
	return d.attend(ctx, out, h, folder)
}
