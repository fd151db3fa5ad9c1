"""Series of the two servers, for Prometheus.

One small process in place of two foreign images: it needs what the services' image holds already, logs in to Postgres as a role that
sees statistics and no rows, and reads NATS' monitoring port.
"""
