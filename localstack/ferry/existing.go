package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/host"
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

// properties returns the worker's properties, or nil when no flag names a cluster. A flag wins over the file.
func (e *existing) properties(listen string) (map[string]string, error) {
	switch {
	case e.bootstrap == "" && e.worker == "":
		return nil, nil
	case e.worker == "":
		return devWorker(e.bootstrap, listen), nil
	}
	props, err := worker.ReadFile(e.worker)
	if err != nil {
		return nil, err
	}
	if e.bootstrap != "" {
		props["bootstrap.servers"] = e.bootstrap
	}
	if e.listen || props["listeners"] == "" {
		props["listeners"] = "http://" + listen
	}
	return props, nil
}

// overExisting runs the product over a cluster that exists.
func (d *dev) overExisting(ctx context.Context, out output, props map[string]string, folder string) (err error) {
	w, err := worker.New(props)
	if err != nil {
		return err
	}
	setting := "listeners"
	if "http://"+d.listen == props[setting] {
		setting = "--listen"
	}
	ln, err := listen(ctx, w.Listen, setting)
	if err != nil {
		return err
	}
	if setting == "--listen" {
		props["listeners"] = "http://" + host.Reachable(ln.Addr()) // the port may have been chosen just now
	}
	h, err := d.host(ctx, ln, props, out)
	if err != nil {
		return err
	}
	defer d.end(h, out, &err)
	if d.quickstart {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return fmt.Errorf("create the data folder: %w", err)
		}
	}
	greetExisting(out, h, props["bootstrap.servers"], w.GroupID)
	return d.attend(ctx, out, h, folder)
}
