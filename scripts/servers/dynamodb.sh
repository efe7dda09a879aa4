#!/usr/bin/env bash
# DynamoDB Local.
# usage: dynamodb.sh PORT DATADIR | --fetch
#   DYNAMODB_MEMORY=1      tables in memory instead of DATADIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$here/dynamodb-jars.sh"
arguments "$@"
jvm 256m

storage=(-dbPath "$data")
if [ "${DYNAMODB_MEMORY:-}" = 1 ]; then storage=(-inMemory); fi

listening() { logged '^listening on 127.0.0.1'; }
cd "$data"
serve listening "${java[@]}" "${launcher[@]}" -sharedDb -disableTelemetry -port "$port" "${storage[@]}"
