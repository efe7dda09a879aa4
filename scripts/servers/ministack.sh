#!/usr/bin/env bash
# MiniStack: DynamoDB, S3, SQS, Secrets Manager, Systems Manager parameters and more of AWS in one Python process, in
# memory. What it held is gone when it ends.
# usage: ministack.sh PORT DATADIR | --fetch
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need_python
ministack=$cache/ministack-$(fingerprint "$here/ministack/requirements.txt")
once "$ministack" wheels "$here/ministack/requirements.txt"
arguments "$@"

# BIND_HOST: by itself it listens on every interface, and so do the two listeners that are switched off.
export BIND_HOST=127.0.0.1 GATEWAY_PORT=$port IOT_MTLS_ENABLED=0 SFTP_ENABLED=0
export AWS_ENDPOINT_URL=http://127.0.0.1:$port # for functions that it runs
export HOME=$data TMPDIR=$data

healthy() { answers /_ministack/health; }
cd "$data"
serve healthy "$ministack/bin/python" -m ministack
