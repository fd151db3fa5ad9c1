"""The database's roles: who may own what."""
