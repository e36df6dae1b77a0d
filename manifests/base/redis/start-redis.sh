#!/bin/sh
# One of REDIS_PODS: follows whom the sentinels call the master, at the very first start redis-0.
set -eu
me="$HOSTNAME.redis"
master=""
i=0
while [ "$i" -lt "$REDIS_PODS" ] && [ -z "$master" ]; do
  master=$(timeout 2 redis-cli -h "redis-$i.redis" -p 26379 \
    SENTINEL GET-MASTER-ADDR-BY-NAME helios 2>/dev/null | head -n 1) || master=""
  # An error, or a sentinel that knows none yet.
  case "$master" in redis-*) ;; *) master="" ;; esac
  i=$((i + 1))
done
master="${master:-redis-0.redis}"

umask 077
cat /config/redis.conf - >/tmp/redis.conf <<CONF
requirepass $REDIS_PASSWORD
masterauth $REDIS_PASSWORD
replica-announce-ip $me
CONF
[ "$master" = "$me" ] || echo "replicaof $master 6379" >>/tmp/redis.conf
exec redis-server /tmp/redis.conf
