#!/usr/bin/env bash
# DynamoDB Local.
# usage: dynamodb.sh PORT DATADIR | --fetch
#   DYNAMODB_MEMORY=1      tables in memory instead of DATADIR
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_java
dynamodb=$cache/dynamodb-$(fingerprint "$here/dynamodb-pom.xml" "$here"/dynamodb/*.java)

compile() { # compile FOLDER: jars and our launcher
  need javac "a Java development kit, 17 or newer"
  maven "$here/dynamodb-pom.xml" "$1" &&
    javac -nowarn -cp "$1/lib/*" -d "$1/classes" "$here"/dynamodb/*.java >&2
}
once "$dynamodb" compile
arguments "$@"
jvm 256m

storage=(-dbPath "$data")
if [ "${DYNAMODB_MEMORY:-}" = 1 ]; then storage=(-inMemory); fi

listening() { logged '^listening on 127.0.0.1'; }
cd "$data"
serve listening "${java[@]}" "-Djava.library.path=$dynamodb/lib" "-Dsqlite4java.library.path=$dynamodb/lib" \
  -cp "$dynamodb/classes:$dynamodb/lib/*" Launcher -sharedDb -disableTelemetry -port "$port" "${storage[@]}"
