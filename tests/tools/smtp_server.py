"""A real SMTP server that does as it is told, for the stories that need one.

usage: smtp_server.py FOLDER

Listens on a free port of this machine and writes it to FOLDER/port. Before each message it reads
FOLDER/mode: `accept` (250, kept as FOLDER/<n>.eml), `busy` (451), `refuse` (550), or `cut` (takes the
message, keeps it, and drops the connection instead of answering). Ends when standard input closes.
"""

import asyncio
import pathlib
import sys

from aiosmtpd.smtp import SMTP


class Told:
    """Answers as FOLDER/mode says."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    def mode(self):
        try:
            return (self.folder / "mode").read_text().strip()
        except FileNotFoundError:
            return "accept"

    async def handle_DATA(self, server, session, envelope):
        mode = self.mode()
        if mode == "busy":
            return "451 4.3.0 try again later"
        if mode == "refuse":
            return "550 5.1.1 no such mailbox"
        self.count += 1
        path = self.folder / f"{self.count}.eml"
        path.with_suffix(".new").write_bytes(envelope.content)
        path.with_suffix(".new").rename(path)
        if mode == "cut":
            server.transport.abort()
            return None
        return "250 2.0.0 kept"


async def main(folder):
    told = Told(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(told), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (folder / "port.new").write_text(str(port))
    (folder / "port.new").rename(folder / "port")
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(main(pathlib.Path(sys.argv[1])))
