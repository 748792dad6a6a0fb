"""The services of docker-compose.yaml as processes of this machine, without Docker: for tests, and for who has none."""
