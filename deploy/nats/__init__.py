"""The NATS server's users: who may say what, and who may hear whom."""
