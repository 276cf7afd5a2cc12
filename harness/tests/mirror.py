"""Serves a folder over http: mirror.py FOLDER. Its port is in the file `port`, paths that were asked for are in `log`.

While a file `cut` stands beside them, of a package only the first half is sent, and then it closes; while there is a
file `hang`, it does not close. `cut-lists` is as `cut`, of all but packages.
"""
import functools, http.server, os, sys, time


class Handler(http.server.SimpleHTTPRequestHandler):
    def fault(self):
        package = self.path.endswith((".rpm", ".deb"))
        return any(os.path.exists(name) for name in (("cut", "hang") if package else ("cut-lists",)))

    def copyfile(self, source, to):
        if self.fault():
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
