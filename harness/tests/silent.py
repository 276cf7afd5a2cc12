"""A libvirt daemon that goes silent: silent.py SOCKET SILENT CALL.

It agrees to all that it is asked, as libvirt's protocol has it, until it is asked the call of that number (0: at once); then it makes
the file SILENT, and never answers again.
"""
import os, signal, socket, struct, sys

path, silent, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
HEADER = ">6I"  # program, its version, call, kind (0: asks, 1: answers), serial, status
# What has more for an answer than that it is well: the ways to log in (none, without a password), a feature, a callback's number.
bodies = {66: struct.pack(">2I", 1, 0), 60: struct.pack(">I", 1), 316: struct.pack(">I", 0)}


def read(packets, n):
    data = packets.read(n)
    if len(data) < n:
        sys.exit("silent.py: the other end is gone")
    return data


server = socket.socket(socket.AF_UNIX)
server.bind(path + ".new")
server.listen()
os.rename(path + ".new", path)
packets = server.accept()[0].makefile("rwb")
call = 0
while call != last:
    (length,) = struct.unpack(">I", read(packets, 4))
    program, version, call, _, serial, status = struct.unpack(HEADER, read(packets, length - 4)[:24])
    if call != last:
        body = bodies.get(call, b"")
        packets.write(struct.pack(">I", 28 + len(body)) + struct.pack(HEADER, program, version, call, 1, serial, 0) + body)
        packets.flush()
open(silent, "w").close()
signal.pause()
