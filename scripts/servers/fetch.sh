#!/usr/bin/env bash
# Downloads what every server of this folder needs. A server whose programs the machine lacks is named and passed over,
# or, with FERRY_REQUIRE_REAL=1, is an error.
cd "$(dirname "${BASH_SOURCE[0]}")" || exit
status=0
for script in kafka.sh connect.sh kafka-console-consumer.sh dynamodb.sh ministack.sh localstack.sh suite16.sh toxiproxy.sh; do
  "./$script" --fetch
  code=$?
  if [ $code = 69 ] && [ "${FERRY_REQUIRE_REAL:-}" != 1 ]; then
    echo "$script: not fetched" >&2
  elif [ $code != 0 ]; then
    echo "$script: fetch failed ($code)" >&2
    status=1
  fi
done
exit $status
