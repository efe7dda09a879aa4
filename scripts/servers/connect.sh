#!/usr/bin/env bash
# Kafka Connect of Apache Kafka, one distributed worker with the file connectors.
# usage: connect.sh PORT DATADIR | --fetch
#   CONNECT_BOOTSTRAP      brokers (default 127.0.0.1:9092)
#   CONNECT_GROUP          group.id (default connect-cluster)
#   CONNECT_CONFIG_TOPIC, CONNECT_OFFSET_TOPIC, CONNECT_STATUS_TOPIC (defaults connect-configs, -offsets, -status)
#   SERVER_PROPERTIES      extra lines of worker.properties; they win over the ones below
# It runs in DATADIR, so relative file names in connector configs are relative to that.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$here/kafka-jars.sh"
arguments "$@"
jvm 256m

# service_load: every plugin here has its manifest, and scanning all classes instead takes ten seconds more.
cat >"$data/worker.properties" <<P
bootstrap.servers=${CONNECT_BOOTSTRAP:-127.0.0.1:9092}
group.id=${CONNECT_GROUP:-connect-cluster}
listeners=http://127.0.0.1:$port
rest.advertised.host.name=127.0.0.1
plugin.path=$kafka/plugins
plugin.discovery=service_load
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
config.storage.topic=${CONNECT_CONFIG_TOPIC:-connect-configs}
config.storage.replication.factor=1
offset.storage.topic=${CONNECT_OFFSET_TOPIC:-connect-offsets}
offset.storage.replication.factor=1
status.storage.topic=${CONNECT_STATUS_TOPIC:-connect-status}
status.storage.replication.factor=1
${SERVER_PROPERTIES:-}
P

healthy() { answers /health; }
cd "$data"
serve healthy "${java[@]}" -cp "$kafka/lib/*" org.apache.kafka.connect.cli.ConnectDistributed "$data/worker.properties"
