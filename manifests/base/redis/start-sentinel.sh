#!/bin/sh
# Beside each Redis. What it learns it writes into its file, which is made anew with the pod.
set -eu
master=""
while [ -z "$master" ]; do
  # The Redis of this pod says whom it follows; it may still be loading.
  role=$(REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ROLE 2>/dev/null) || role=""
  case "$role" in
    master*) master="$HOSTNAME.redis" ;;
    slave*) master=$(echo "$role" | sed -n 2p) ;;
    *) sleep 0.5 ;;
  esac
done

umask 077
cat >/tmp/sentinel.conf <<CONF
port 26379
dir /tmp
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $HOSTNAME.redis
sentinel monitor helios $master 6379 $((REDIS_PODS / 2 + 1))
sentinel auth-pass helios $REDIS_PASSWORD
sentinel down-after-milliseconds helios 5000
sentinel failover-timeout helios 15000
CONF
exec redis-server /tmp/sentinel.conf --sentinel
