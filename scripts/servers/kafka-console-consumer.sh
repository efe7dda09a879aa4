#!/usr/bin/env bash
# The console consumer of Apache Kafka; its own arguments, records on stdout.
# usage: kafka-console-consumer.sh --bootstrap-server HOST:PORT --topic T --from-beginning --max-messages N ... | --fetch
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$here/kafka-jars.sh"
if [ "${1-}" = --fetch ]; then exit 0; fi
jvm 128m
exec "${java[@]}" -Dlog.level=WARN -cp "$kafka/lib/*" org.apache.kafka.tools.consumer.ConsoleConsumer "$@"
