package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef/secrets"
	"github.com/ferry-connect/ferry/coordinator/rest/server"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/broker"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/host"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/quickstart"
)

// dev is ferry dev.
type dev struct {
	streams
	data, listen, file string
	existing           existing
	quickstart         bool
	logging            logging
	// logs is where the quickstart looks for a log file.
	logs string
}

func newDev(s streams) *cobra.Command {
	d := &dev{streams: s, logs: "/var/log"}
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run everything in this process, with an embedded Kafka broker or a cluster of yours",
		Long: `Run the whole product in this process: an embedded Kafka broker over a data folder, the coordinator,
the tasks, and the REST API of Kafka Connect. Ctrl-C ends it after tasks have committed; the next start over the
same folder goes on where it stopped. A second Ctrl-C ends it at once.

With --bootstrap-servers or --worker it works with a Kafka cluster that exists instead, as a worker of a Connect
cluster there: with its connectors, configurations and offsets. Task leases are in memory, so nothing else may run
connectors of the same group.id meanwhile; transactions keep what is committed right even then.

Variables such as CONNECT_GROUP_ID are keys of the worker's properties, as in Kafka Connect's container images, and go before
those of a file; CONNECT_BOOTSTRAP_SERVERS names a cluster as --bootstrap-servers does. coordinator/worker/README.md has all keys.

On a terminal it shows a line for each connector; in a pipe it writes JSON lines.`,
		Example: `  ferry dev --quickstart                     move a log file of this machine, and watch
  ferry dev --quickstart --file notes.txt    or another file
  ferry dev --data /tmp/ferry                keep the data elsewhere
  ferry dev --listen 127.0.0.1:18083         serve the REST API elsewhere
  ferry dev --bootstrap-servers kafka:9092   work with this Kafka
  ferry dev --worker worker.properties       as this worker of Kafka Connect's distributed mode

  curl -s localhost:8083/connector-plugins   list the connectors there are
  curl -s localhost:8083/connectors -H 'Content-Type: application/json' -d '{"name": "orders", "config":
    {"connector.class": "DatagenConnector", "kafka.topic": "orders", "quickstart": "orders", "max.interval": "500"}}'`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if d.file != "" && !d.quickstart {
				return &usageError{errors.New("--file names what --quickstart reads, and --quickstart is not given"), cmd.CommandPath()}
			}
			d.existing.listen = cmd.Flags().Changed("listen")
			return d.run(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&d.data, "data", ".ferry", "folder that keeps the broker's data")
	flags.StringVar(&d.listen, "listen", "127.0.0.1:8083", "address of the REST API")
	flags.BoolVar(&d.quickstart, "quickstart", false, "create two connectors that move a text file through Kafka into another one")
	flags.StringVar(&d.file, "file", "", "file that --quickstart reads (default: the log file of this machine that was written to last)")
	d.existing.flags(cmd)
	d.logging.flag(cmd)
	cobra.CheckErr(cmd.MarkFlagDirname("data"))
	cobra.CheckErr(cmd.MarkFlagFilename("file"))
	return cmd
}

// run starts everything, shows it until ctx is done or something breaks, and ends it.
func (d *dev) run(ctx context.Context) (err error) {
	out, err := d.logging.open(d.streams)
	if err != nil {
		return err
	}
	folder, err := filepath.Abs(d.data)
	if err != nil {
		return fmt.Errorf("find the data folder: %w", err)
	}
	props, err := d.existing.properties(d.listen)
	if err != nil {
		return err
	}
	if props != nil {
		return d.overExisting(ctx, out, props, folder)
	}
	return d.overEmbedded(ctx, out, folder)
}

// overEmbedded runs the product over the embedded broker.
func (d *dev) overEmbedded(ctx context.Context, out output, folder string) (err error) {
	props := d.existing.embedded(d.listen)
	_, ln, err := d.open(ctx, props)
	if err != nil {
		return err
	}
	b, err := broker.Start(broker.Options{Folder: folder, Log: out.log})
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	props["bootstrap.servers"] = b.Addr()
	w, err := worker.New(props)
	if err != nil {
		return errors.Join(err, ln.Close())
	}
	h, err := d.host(ctx, ln, w, out)
	if err != nil {
		return err
	}
	defer d.end(h, out, &err)
	greet(out, h, b, folder)
	return d.attend(ctx, out, h, folder)
}

// end ends the host and adds what goes wrong to err.
func (d *dev) end(h *host.Host, out output, err *error) {
	out.say("\nStopping: tasks commit what is done. Ctrl-C again ends at once.")
	*err = errors.Join(*err, h.Close())
}

// attend sets up the quickstart and shows what goes on.
func (d *dev) attend(ctx context.Context, out output, h *host.Host, folder string) error {
	if d.quickstart {
		if err := d.quick(ctx, out, h, folder); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return watch(ctx, out, h)
}

// watch displays until ctx is done or the API ends by itself.
func watch(ctx context.Context, out output, h *host.Host) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case err := <-h.Failed():
			cancel(err)
		case <-ctx.Done():
		}
	}()
	err := out.display(ctx, h)
	cancel(nil)
	<-done
	if cause := context.Cause(ctx); err == nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	return err
}

// host starts the product as the worker's configuration says; ln belongs to it from here on.
func (d *dev) host(ctx context.Context, ln *server.Server, w *worker.Config, out output) (*host.Host, error) {
	w = w.Listening(ln.Bound())
	out.warn(w.Warnings())
	s, err := openStore(ctx, w, out)
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	var remember []string
	if d.quickstart {
		remember = []string{quickstart.Source, quickstart.Sink}
	}
	return startHost(ctx, host.Options{Worker: w, Store: s, Server: ln, Remember: remember, Log: out.log, Loggers: out.loggers})
}

func openStore(ctx context.Context, w *worker.Config, out output) (*store.Store, error) {
	kafka, err := w.Kafka()
	if err != nil {
		return nil, fmt.Errorf("read the Kafka settings of the worker: %w", err)
	}
	// A topic that was just created is looked for again and again: an answer from memory would be that of before.
	kafka = append(kafka, kgo.MetadataMinAge(20*time.Millisecond))
	return store.Open(ctx, store.Options{
		Kafka: kafka, GroupID: w.GroupID,
		ConfigTopic: w.ConfigTopic, OffsetTopic: w.OffsetTopic, StatusTopic: w.StatusTopic,
		ConfigReplication: w.ConfigReplication, OffsetReplication: w.OffsetReplication, StatusReplication: w.StatusReplication,
		OffsetPartitions: w.OffsetPartitions, StatusPartitions: w.StatusPartitions,
		ConfigSettings: w.TopicSettings("config"), OffsetSettings: w.TopicSettings("offset"), StatusSettings: w.TopicSettings("status"),
		Log: out.log,
	})
}

// devWorker is the worker configuration of ferry dev: Kafka's own example for distributed mode.
func devWorker(kafka, rest string) map[string]string {
	const json = "org.apache.kafka.connect.json.JsonConverter"
	return map[string]string{
		"bootstrap.servers": kafka, "group.id": "connect-cluster", "listeners": "http://" + rest,
		"config.storage.topic": "connect-configs", "config.storage.replication.factor": "1",
		"offset.storage.topic": "connect-offsets", "offset.storage.replication.factor": "1", "offset.storage.partitions": "5",
		"status.storage.topic": "connect-status", "status.storage.replication.factor": "1", "status.storage.partitions": "1",
		"key.converter": json, "value.converter": json,
		"config.providers": "env,file,directory,secretsmanager,ssm,s3import", "config.providers.env.class": "EnvVarConfigProvider",
		"config.providers.file.class": "FileConfigProvider", "config.providers.directory.class": "DirectoryConfigProvider",
		"config.providers.secretsmanager.class": "SecretsManagerConfigProvider", "config.providers.secretsmanager.param.NotFoundStrategy": "fail",
		"config.providers.ssm.class": "SsmParamStoreConfigProvider", "config.providers.ssm.param.NotFoundStrategy": "fail",
		"config.providers.s3import.class": "S3ImportConfigProvider",
	}
}

// open reads the worker's properties and opens its listeners, before anything else is started.
func (d *dev) open(ctx context.Context, props map[string]string) (*worker.Config, *server.Server, error) {
	w, err := worker.New(props)
	if err != nil {
		return nil, nil, err
	}
	setting := worker.ListenersKey
	if "http://"+d.listen == props[worker.ListenersKey] {
		setting = "--listen"
	}
	ln, err := listen(ctx, w, setting)
	return w, ln, err
}

func startHost(ctx context.Context, o host.Options) (*host.Host, error) {
	b := thisBuild()
	o.Extensions = extensions()
	o.Log = secrets.New(o.Worker.Secrets()).Logger(o.Log)
	o.Connect, o.Commit = b.Connect, b.Commit
	return host.Start(ctx, o)
}

// quick sets up the quickstart and says what happens now.
func (d *dev) quick(ctx context.Context, out output, h *host.Host, folder string) error {
	look := func(path string) (quickstart.File, error) { return quickstart.Look(path, time.Now()) }
	client := h.Client()
	client.Timeout = 30 * time.Second
	r, err := quickstart.Run(ctx, quickstart.Options{
		URL: h.URL(), Client: client, Chosen: d.file != "", Look: look,
		Copy: filepath.Join(folder, quickstart.CopyName),
		File: func() (quickstart.File, error) {
			if d.file != "" {
				return look(d.file)
			}
			return quickstart.Choose(d.logs, filepath.Join(folder, "quickstart.txt"), time.Now())
		},
	})
	if err != nil {
		return fmt.Errorf("quickstart: %w", err)
	}
	explain(out, h, r, h.Resumed())
	return nil
}
