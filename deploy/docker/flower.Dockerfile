# Flower's machines: SuperLink, executors, provider nodes. What they run arrives as a bundle; its packages are here.
ARG PYTHON=python:3.12-slim

FROM ${PYTHON} AS packages
WORKDIR /src
COPY deploy/docker/install deploy/docker/flower.lock ./
RUN sh install flower.lock /opt/venv

FROM ${PYTHON}
LABEL org.opencontainers.image.title="open-ecosystem/flower" org.opencontainers.image.licenses="Apache-2.0"
COPY deploy/docker/user ./
RUN sh user /state && rm user
WORKDIR /app
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=packages /opt/venv /opt/venv
COPY deploy/docker/healthcheck.py deploy/docker/
COPY services/__init__.py services/
COPY services/flower services/flower
RUN python -m compileall -q services
USER 10001:10001
