package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/host"
)

// standaloneGroup stands for group.id, which standalone mode does not have, in transactional ids.
const standaloneGroup = "connect-standalone"

// standalone is ferry standalone.
type standalone struct {
	streams
	logging logging
}

func newStandalone(s streams) *cobra.Command {
	c := &standalone{streams: s}
	cmd := &cobra.Command{
		Use:   "standalone worker.properties [connector.json…]",
		Short: "Run connectors of an existing Kafka in this process, as connect-standalone.sh does",
		Long: `Run connectors of an existing Kafka in this process, as Kafka Connect's connect-standalone.sh does,
with the same files: the worker's properties, and one file for each connector, either Java properties or JSON.

Configurations and statuses are kept in memory and are lost at the end. Source offsets are kept in the file that
offset.storage.file.filename names, in Kafka Connect's format. A source's offsets are written after its records, so a
crash in between repeats a batch. The REST API is served at the addresses of listeners.

Variables such as CONNECT_BOOTSTRAP_SERVERS are keys too, and go before those of the file.`,
		Example: `  ferry standalone connect-standalone.properties connect-file-source.properties
  ferry standalone worker.properties source.json sink.json`,
		Args: usage(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), args[0], args[1:]) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"properties", "json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	c.logging.flag(cmd)
	return cmd
}

// run starts everything, creates the connectors, shows them until ctx is done or something breaks, and ends it.
func (c *standalone) run(ctx context.Context, properties string, paths []string) (err error) {
	out, err := c.logging.open(c.streams)
	if err != nil {
		return err
	}
	files := make([]*connectorFile, len(paths))
	for i, path := range paths {
		if files[i], err = readConnectorFile(path); err != nil {
			return err
		}
	}
	h, err := c.host(ctx, properties, out)
	if err != nil {
		return err
	}
	defer func() {
		out.say("\nStopping: tasks commit what is done. Ctrl-C again ends at once.")
		err = errors.Join(err, h.Close())
	}()
	if out.screen == nil {
		out.log.Info("ready", "rest", h.URL())
	}
	out.say("REST API  " + h.URL())
	for i, f := range files {
		if err := createConnector(ctx, h, f); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return &connectorFileError{paths[i], err}
		}
	}
	return watch(ctx, out, h)
}

func (c *standalone) host(ctx context.Context, properties string, out output) (*host.Host, error) {
	props, err := worker.ReadFile(properties)
	if err != nil {
		return nil, err
	}
	withEnvironment(props)
	if props["group.id"] == "" {
		props["group.id"] = standaloneGroup
	}
	w, err := worker.NewStandalone(props)
	if err != nil {
		return nil, err
	}
	out.warn(w.Warnings())
	ln, err := listen(ctx, w, worker.ListenersKey)
	if err != nil {
		return nil, err
	}
	w = w.Listening(ln.Bound())
	s, err := store.Standalone(w.OffsetFile, out.log)
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return startHost(ctx, host.Options{
		Worker: w, Store: s, Server: ln, Log: out.log, Loggers: out.loggers,
		KeepOffsets: func(ctx context.Context, connector string, offsets []connect.SourceOffset) error {
			return s.Offsets().Alter(ctx, connector, "", offsets)
		},
	})
}

// createConnector creates a connector through the API, as a user would, and looks whether it could be started.
func createConnector(ctx context.Context, h *host.Host, f *connectorFile) error {
	body, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("describe the connector: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL()+"/connectors", bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("create the connector: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	client := h.Client()
	client.Timeout = 2 * time.Minute
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("create the connector: %w", err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("create the connector: %w", err)
	}
	if resp.StatusCode != http.StatusCreated {
		var problem struct{ Message string }
		if json.Unmarshal(answer, &problem) != nil || problem.Message == "" {
			problem.Message = string(answer)
		}
		return errors.New(problem.Message)
	}
	return h.Started(f.Name)
}
