#!/bin/bash
# healthy.sh <host>:<port>: succeeds when the broker answers a request. Kafka's own
# tools say the same, but each call of them starts a JVM.
set -eu

# ApiVersions, version 0, as number 1, from nobody in particular: its length (10),
# key (18), version, number, and a client id of null.
exec 3<>"/dev/tcp/${1%:*}/${1##*:}"
printf '\x00\x00\x00\x0a\x00\x12\x00\x00\x00\x00\x00\x01\xff\xff' >&3

# The length of the answer and the number of the request it is for.
answer=$(timeout 3 head -c 8 <&3 | od -An -tx1 | tr -d ' \n')
[ "${answer:8}" = 00000001 ]
