"""The exchange in containers: what makes its secrets, prepares its servers, and goes through the loop from outside."""
