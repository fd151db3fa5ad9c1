"""The dashboard: what people see of the exchange, served by the gateway under /app/.

Owns nothing, hears nothing, says nothing: it shows what the gateway's API and event feed tell it. `python -m services.dashboard`
runs its tools (install, build, lint, types, unit) with the Node.js that comes as a wheel.
"""
