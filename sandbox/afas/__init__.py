"""AFAS Profit stand-in: GetConnectors over tables of invented Dutch customers."""

from __future__ import annotations

from sandbox.afas.service import DEFAULT_TOKEN, AfasService

__all__ = ["DEFAULT_TOKEN", "AfasService"]
