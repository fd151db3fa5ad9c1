"""A provider's machine: measures the data, registers the node, and keeps a Flower SuperNode running beside the data."""
