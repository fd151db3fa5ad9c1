"""The whole exchange on one machine: real servers from wheels, every service a supervised process, all of it on loopback.

`python -m deploy.local --help` lists the commands; the Makefile calls the same ones. State lives in one folder (`.run/`).
"""
