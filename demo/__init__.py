"""A real Airflow with this package in it, beside the two stand-ins: for people who want to see it, and for tests."""
