"""Serves a folder over http: mirror.py FOLDER. Its port is in the file `port`, paths that were asked for are in `log`.

While a file `cut` stands beside them, of a package only the first half is sent, and then it closes; while there is a
file `hang`, it does not close.
"""
import functools, http.server, os, sys, time


class Handler(http.server.SimpleHTTPRequestHandler):
    def copyfile(self, source, to):
        fault = next((name for name in ("cut", "hang") if os.path.exists(name)), None)
        if fault and self.path.endswith((".rpm", ".deb")):
            to.write(source.read(os.fstat(source.fileno()).st_size // 2))
            to.flush()
            self.close_connection = True
            while os.path.exists("hang"):
                time.sleep(0.05)
        else:
            super().copyfile(source, to)

    def log_message(self, format, *args):
        with open("log", "a") as log:
            log.write(self.path + "\n")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1]))
with open("port.part", "w") as port:
    port.write(str(server.server_port))
os.rename("port.part", "port")
server.serve_forever()
