#!/usr/bin/env bash
# Apache Kafka, one KRaft node (broker and controller).
# usage: kafka.sh PORT DATADIR | --fetch
#   KAFKA_CONTROLLER_PORT  second port it listens on (default PORT+1)
#   KAFKA_FORMAT_ARGS      words for the first start's format, such as "--feature transaction.version=0"
#   KAFKA_CLUSTER_ID       (default random)
#   KAFKA_LISTENERS        further listeners, and KAFKA_ADVERTISED what they advertise, as in server.properties
#   SERVER_PROPERTIES      extra lines of server.properties; they win over the ones below
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$here/kafka-jars.sh"
arguments "$@"
jvm 384m
controller=${KAFKA_CONTROLLER_PORT:-$((port + 1))}

cat >"$data/server.properties" <<P
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller${KAFKA_LISTENERS:+,$KAFKA_LISTENERS}
advertised.listeners=PLAINTEXT://127.0.0.1:$port${KAFKA_ADVERTISED:+,$KAFKA_ADVERTISED}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs=$data/log
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=2097152
${SERVER_PROPERTIES:-}
P

if [ ! -e "$data/log/meta.properties" ]; then
  id=${KAFKA_CLUSTER_ID:-$(head -c 16 /dev/urandom | base64 | tr '+/' 'Az' | tr -d '=')}
  # shellcheck disable=SC2086 # KAFKA_FORMAT_ARGS are words
  "${java[@]}" -Dlog.level=WARN -cp "$kafka/lib/*" kafka.tools.StorageTool format \
    -t "$id" -c "$data/server.properties" ${KAFKA_FORMAT_ARGS:-} >&2
fi

started() { logged 'Kafka Server started'; }
serve started "${java[@]}" -cp "$kafka/lib/*" kafka.Kafka "$data/server.properties"
