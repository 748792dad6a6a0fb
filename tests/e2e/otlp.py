"""A real receiver of OpenTelemetry metrics: OTLP over HTTP, read by OpenTelemetry's own message types."""

from __future__ import annotations

import gzip
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

Point = tuple[dict[str, str], float]
"""Tags and value; of a histogram, its sum."""


class OtlpReceiver:
    """Keeps what begins with a prefix; a context manager.

    :ivar points: by name of the metric, in the order of arrival.
    """

    def __init__(self, prefix: str) -> None:
        self.points: dict[str, list[Point]] = defaultdict(list)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                receiver.take(ExportMetricsServiceRequest.FromString(body), prefix)
                answer = ExportMetricsServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def settings(self) -> dict[str, str]:
        """Environment that makes Airflow send its metrics here, as docs/metrics.md says."""
        return {
            "AIRFLOW__METRICS__OTEL_ON": "True",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{self._server.server_port}",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "delta",
        }

    def take(self, message: ExportMetricsServiceRequest, prefix: str) -> None:
        """Remember the points of a message."""
        metrics = (
            metric
            for resource in message.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name.startswith(prefix)
        )
        for metric in metrics:
            self.points[metric.name] += _points(metric)

    def total(self, name: str, **tags: str) -> float:
        """Sum of all values of a name that have these tags."""
        return sum(value for found, value in self.points[name] if tags.items() <= found.items())

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _points(metric: Any) -> list[Point]:
    kind = metric.WhichOneof("data")
    found = []
    for point in getattr(metric, kind).data_points:
        tags = {each.key: each.value.string_value for each in point.attributes}
        if kind in {"histogram", "exponential_histogram"}:
            value = point.sum
        else:
            value = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
        found.append((tags, float(value)))
    return found
