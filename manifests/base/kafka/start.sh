#!/bin/sh
# Broker and controller in one, as one of KAFKA_PODS; its number is that of the pod.
set -eu
id="${HOSTNAME##*-}"
voters=""
i=0
while [ "$i" -lt "$KAFKA_PODS" ]; do
  voters="$voters${voters:+,}$i@kafka-$i.kafka:9093"
  i=$((i + 1))
done
copies=$((KAFKA_PODS < 3 ? KAFKA_PODS : 3))
in_sync=$((copies > 2 ? 2 : 1))

cat /config/server.properties - >/tmp/server.properties <<PROPERTIES
node.id=$id
controller.quorum.voters=$voters
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
advertised.listeners=PLAINTEXT://$HOSTNAME.kafka:9092
log.dirs=/data/kafka
default.replication.factor=$copies
min.insync.replicas=$in_sync
offsets.topic.replication.factor=$copies
transaction.state.log.replication.factor=$copies
transaction.state.log.min.isr=$in_sync
PROPERTIES

bin="${KAFKA_BIN:-/opt/kafka/bin}"
"$bin/kafka-storage.sh" format --ignore-formatted --cluster-id "$KAFKA_CLUSTER_ID" \
  --config /tmp/server.properties
exec "$bin/kafka-server-start.sh" /tmp/server.properties
