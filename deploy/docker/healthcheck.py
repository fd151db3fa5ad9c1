"""`python -IS healthcheck.py http|https|tcp PORT [PATH]`: exit status 0 when this container's own server answers.

Sockets only, as it runs every few seconds in every container: urllib alone would cost three times as much as the question.
"""

import socket
import sys

kind, port = sys.argv[1], int(sys.argv[2])
with socket.create_connection(("127.0.0.1", port), timeout=3) as conn:
    if kind != "tcp":
        channel = conn
        if kind == "https":
            import ssl

            # Whether the process answers, not who it is: this is loopback.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            channel = context.wrap_socket(conn)
        channel.sendall(f"GET {sys.argv[3]} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        status = channel.recv(64).split(b"\r\n")[0]
        if b" 200 " not in status + b" ":
            sys.exit(status.decode("latin-1"))
