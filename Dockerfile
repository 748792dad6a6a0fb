# Airflow with exactly the locked requirements; dags/ and plugins/ are mounted (docker-compose.yaml).
FROM python:3.11-slim-bookworm

ENV AIRFLOW_HOME=/opt/airflow \
    PIP_NO_CACHE_DIR=1
# tini ends the processes that Airflow starts when a container stops.
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 50000 --create-home --home-dir /opt/airflow airflow \
    && mkdir -p /opt/airflow/logs /opt/airflow/private \
    && chown airflow /opt/airflow/logs /opt/airflow/private

COPY requirements.txt requirements-ha.txt /tmp/
RUN pip install --no-deps --require-hashes -r /tmp/requirements.txt \
    && pip install --no-deps --require-hashes -r /tmp/requirements-ha.txt \
    && rm /tmp/requirements*.txt

USER airflow
WORKDIR /opt/airflow
ENTRYPOINT ["tini", "--"]
CMD ["airflow", "version"]
