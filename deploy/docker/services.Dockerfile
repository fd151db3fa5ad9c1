# Every Python service of the exchange, the exporter and the one-shot jobs: one image, another `command` each.
# Runs with the classic builder too (no buildx): no mounts, no here-documents.
ARG PYTHON=python:3.12-slim
ARG NODE=node:24-slim

FROM ${NODE} AS dashboard
WORKDIR /src
# The pattern may match nothing: an exchange without a dashboard is built all the same.
COPY deploy/docker/build-dashboard services/dashboard*/package*.json services/dashboard*/.npmrc ./
RUN sh build-dashboard install
COPY deploy/docker/build-dashboard services/dashboard* ./
RUN sh build-dashboard build

FROM ${PYTHON} AS packages
WORKDIR /src
COPY deploy/docker/install deploy/docker/services.lock ./
RUN sh install services.lock /opt/venv

FROM ${PYTHON}
LABEL org.opencontainers.image.title="open-ecosystem/services" org.opencontainers.image.licenses="Apache-2.0"
COPY deploy/docker/user ./
RUN sh user /state /data /secrets/postgres /secrets/nats /secrets/migrate /secrets/exporter /secrets/grafana \
    /secrets/marketplace /secrets/matching /secrets/escrow /secrets/training-coordinator /secrets/gateway \
    /secrets/superlink /secrets/superlink-executor /secrets/fleet /secrets/enroll \
    /secrets/clinic-a /secrets/clinic-b /secrets/clinic-c \
    /secrets/clinic-a-executor /secrets/clinic-b-executor /secrets/clinic-c-executor && rm user
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=packages /opt/venv /opt/venv
COPY --from=dashboard /src/dist services/dashboard/dist
COPY deploy/token_keys.py deploy/
COPY deploy/docker/healthcheck.py deploy/docker/
COPY deploy/compose deploy/compose
COPY deploy/exporter deploy/exporter
COPY deploy/nats deploy/nats
COPY deploy/postgres deploy/postgres
COPY shared shared
COPY services services
RUN python -m compileall -q deploy shared services
USER 10001:10001
