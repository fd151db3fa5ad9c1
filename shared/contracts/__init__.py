"""What services agree on: facts, refusals, values, and the few HTTP shapes that another service parses.

Nothing here knows a server, a database or a framework beyond pydantic.
"""
