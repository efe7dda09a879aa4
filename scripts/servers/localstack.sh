#!/usr/bin/env bash
# LocalStack without Docker: DynamoDB (its own layers in front of DynamoDB Local), S3, SQS, Secrets Manager and Systems
# Manager parameters, in memory. What it held is gone when it ends. Its other services lack what they need: no functions,
# no stacks.
# usage: localstack.sh PORT DATADIR | --fetch
#   SERVER_HEAP, SERVER_JVM  of DynamoDB Local
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_python
localstack=$cache/localstack-$(fingerprint "$here/localstack/requirements.txt")
once "$localstack" wheels "$here/localstack/requirements.txt"
. "$here/dynamodb-jars.sh"
arguments "$@"
jvm 256m

# LocalStack would download Java and DynamoDB Local, unless it finds these two files below FILESYSTEM_ROOT. It runs
# `java OPTIONS -jar DynamoDBLocal.jar ...`, so our java can start what we have instead.
downloads=$data/var/lib/localstack/lib
mkdir -p "$downloads/dynamodb-local/2" "$downloads/java/21/bin"
: >"$downloads/dynamodb-local/2/DynamoDBLocal.jar"
cp "$here/localstack/java" "$downloads/java/21/bin/java"
printf '%s\0' "$(command -v java)" "${java[@]:1}" "${launcher[@]}" >"$downloads/java/21/command"

# OVERRIDE_IN_DOCKER: inside any container it would take itself for its own image and ignore FILESYSTEM_ROOT.
# GATEWAY_SERVER: its default server ignores the address in GATEWAY_LISTEN and listens on every interface.
# The home folder has its list of plug-ins; a start that failed leaves a wrong one.
export FILESYSTEM_ROOT=$data OVERRIDE_IN_DOCKER=0 HOME=$data XDG_CACHE_HOME=$data/cache
export GATEWAY_LISTEN=127.0.0.1:$port GATEWAY_SERVER=hypercorn LOCALSTACK_HOST=localhost:$port
export DNS_ADDRESS=0 DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 SQS_ENDPOINT_STRATEGY=path DYNAMODB_IN_MEMORY=1

# With all services, every parameter that is stored would be announced to EventBridge, which lacks what it needs: seconds of retries,
# and status 500.
export SERVICES=dynamodb,s3,sqs,secretsmanager,ssm

# The first request for a service loads it, and for DynamoDB starts Java: nobody should have to wait for that with a time limit
# of one request.
list='Host: localhost\r\nX-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Type: application/x-amz-json-1.0'
healthy() { answers /_localstack/health && answers / "$list" '{}'; }
cd "$data"
serve healthy "$localstack/bin/python" "$here/localstack/start.py"
