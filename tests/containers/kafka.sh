#!/bin/bash
# In the place of the public image's own start: KAFKA_A_B is `a.b` of server.properties.
set -eu
settings=/opt/kafka/config/server.properties
options=(-XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/libs/*')
env | grep '^KAFKA_' | grep -v '^KAFKA_HEAP_OPTS=' | while IFS='=' read -r name value; do
  name=${name#KAFKA_}
  name=${name,,}
  echo "${name//_/.}=$value"
done >"$settings"
java "${options[@]}" kafka.tools.StorageTool format --ignore-formatted -t "$CLUSTER_ID" -c "$settings"
# shellcheck disable=SC2086 # several options
exec java ${KAFKA_HEAP_OPTS:-} "${options[@]}" kafka.Kafka "$settings"
