"""The plumbing that every service needs: settings, database, events, refusals, health, metrics. No business of any service."""
