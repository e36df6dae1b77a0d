# The exchange as images. Each hosts the stages it is given, `docker run IMAGE gateway bidding …`,
# all of them without a name:
#   docker build -t helios .                              on Node; for processes that share engines
#   docker build -t helios:deno --target deno .           the same on Deno
#   docker build -t helios:embedded --target embedded .   with ClickHouse in process, 560 MB more:
#                                                         everything in one container, or the stage
#                                                         `clickhouse`
# docs/containers.md says how they are run and where digests go.
ARG NODE_IMAGE=node:26.10.0-bookworm-slim
ARG DENO_IMAGE=denoland/deno:2.9.6

# --- the dashboard, built with all the packages of a checkout; nothing of them is kept ---
FROM ${NODE_IMAGE} AS dashboard
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm \
  npm ci --ignore-scripts --include=dev --include=optional --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/ready.mjs scripts/
COPY scripts/ready scripts/ready
COPY shared/model shared/model
COPY web web
RUN node scripts/ready.mjs

# --- packages a running process needs; ClickHouse in process is for `embedded` alone ---
FROM ${NODE_IMAGE} AS packages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm \
  npm ci --ignore-scripts --omit=dev --omit=optional --no-audit --no-fund \
  && rm -r node_modules/chdb

FROM ${NODE_IMAGE} AS engine
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm \
  npm ci --ignore-scripts --omit=dev --include=optional --no-audit --no-fund

# --- what all images have, as one layer ---
FROM scratch AS program
COPY package.json deno.json ./
COPY --from=packages /build/node_modules node_modules
COPY --from=dashboard /build/web/dist web/dist
COPY proto proto
COPY scripts scripts
COPY shared shared
COPY services services

FROM ${DENO_IMAGE} AS deno
WORKDIR /helios
COPY --from=program / ./
# Compiled code is part of the image: nothing is written where it runs. 1000:1000 as in the others,
# so that a volume fits all of them.
ENV DENO_DIR=/helios/.deno DENO_NO_UPDATE_CHECK=1
RUN deno cache services/main.ts services/healthcheck.ts scripts/topics.ts scripts/traffic.ts \
  && install -d -o 1000 -g 1000 /data
ENV NODE_ENV=production HOST=0.0.0.0 PROFILE_HOST=0.0.0.0 METRICS_HOST=0.0.0.0 DATA_DIR=/data
USER 1000:1000
EXPOSE 8080 2112 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["deno", "run", "--allow-net", "--allow-env", "--allow-read", "services/healthcheck.ts"]
ENTRYPOINT ["deno", "run", "--v8-flags=--no-parallel-scavenge,--retain-maps-for-n-gc=100000,--no-memory-reducer,--max-semi-space-size=32,--no-allocation-site-pretenuring,--heap-growing-percent=200", "--allow-net", "--allow-env", "--allow-sys", "--allow-read", "--allow-write=/data", "--no-prompt", "services/main.ts"]

FROM ${NODE_IMAGE} AS node
# Nothing is installed in a running container, so what installs is not there.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn* \
  && install -d -o 1000 -g 1000 /data
WORKDIR /helios
COPY --from=program / ./
ENV NODE_ENV=production HOST=0.0.0.0 PROFILE_HOST=0.0.0.0 METRICS_HOST=0.0.0.0 DATA_DIR=/data
USER 1000:1000
EXPOSE 8080 2112 50051
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "services/healthcheck.ts"]
ENTRYPOINT ["node", "services/main.ts"]

FROM node AS embedded
COPY --from=engine /build/node_modules/chdb node_modules/chdb
COPY --from=engine /build/node_modules/@chdb node_modules/@chdb
EXPOSE 8123
# The ledger and ClickHouse's files: a volume even where nobody names one.
VOLUME /data

# The one that is built without --target.
FROM node
