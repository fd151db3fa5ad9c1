"""Flower, as the exchange runs it: the app that is trained, the provider's node, the SuperLink and their certificates."""
