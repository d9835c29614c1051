# syntax=docker/dockerfile:1
# A small image of the app: the same lock as `make serve`, no root, the operating system's wall from inside.
# TORCH_INDEX: an index that offers the CPU build of torch; without it pip takes the default build, several GB larger.
#   docker build --build-arg TORCH_INDEX=… -t gradwalk .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --memory 2g --pids-limit 256 -v gradwalk-links:/data -p 8000:8000 gradwalk
ARG PYTHON=3.12-slim

FROM python:${PYTHON} AS build
ARG TORCH_INDEX
WORKDIR /opt/gradwalk
RUN python -m venv .venv
COPY requirements/app.lock requirements/app.lock
COPY scripts/install scripts/install
COPY pyproject.toml README.md LICENSE ./
COPY app/__init__.py app/__init__.py
RUN scripts/install && find .venv -name '*.pyi' -delete && rm -rf .venv/lib/python*/site-packages/torch/include
COPY app app
COPY templates templates
COPY static static
RUN .venv/bin/python -m compileall -q app

FROM python:${PYTHON}
# libseccomp2 compiles the filter that is the wall around strangers' code.
RUN apt-get update && apt-get install -y --no-install-recommends libseccomp2 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin gradwalk \
    && install -d -o gradwalk /data
COPY --from=build /opt/gradwalk /opt/gradwalk
WORKDIR /opt/gradwalk
USER gradwalk
ENV PATH=/opt/gradwalk/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PORT=8000 GRADWALK_LINKS_FILE=/data/links.sqlite3
# Short links; without a volume they end with the container.
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=2)"]
CMD ["sh", "-c", "exec gradwalk serve --host 0.0.0.0 --port \"$PORT\""]
