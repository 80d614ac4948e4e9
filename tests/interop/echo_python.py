# The `websockets` package in both roles: as a client of the echo server, and as the server of the echo client.
import asyncio
import subprocess
import sys

import websockets

SIZES = [0, 1, 125, 126, 127, 128, 65535, 65536, 1 << 20]


async def their_client(echo_server):
    server = subprocess.Popen([echo_server, "--address", "127.0.0.1", "--port", "0", "--prefix", "--message-bytes-max", "16777216"],
                              stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().split()[-1]
        async with websockets.connect(url, max_size=None) as socket:
            for size in SIZES:
                await socket.send("x" * size)
                assert await asyncio.wait_for(socket.recv(), 10) == "Echo: " + "x" * size
                await socket.send(bytes(size))
                assert await asyncio.wait_for(socket.recv(), 10) == bytes(size)
            # An iterable is sent in fragments.
            await socket.send(["frag", "men", "ted ", "ü"])
            assert await asyncio.wait_for(socket.recv(), 10) == "Echo: fragmented ü"
            await asyncio.wait_for(await socket.ping(b"tide"), 10)
            await socket.close(3001, "bye")
            assert socket.close_code == 3001, socket.close_code
    finally:
        server.terminate()
        assert server.wait(10) == 0


async def their_server(echo_client):
    async def echo(socket, path):
        assert path == "/path?query=1", path
        async for message in socket:
            await socket.send(message)

    async with websockets.serve(echo, "127.0.0.1", 0, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        for frames in ("text", "binary"):
            for size in SIZES:
                client = await asyncio.create_subprocess_exec(echo_client, f"ws://127.0.0.1:{port}/path?query=1", "--frames", frames, "--size", str(size),
                                                              "--count", "3", stdout=asyncio.subprocess.PIPE)
                output, _ = await asyncio.wait_for(client.communicate(), 20)
                assert client.returncode == 0 and b"3 of 3" in output, (frames, size, output)


asyncio.run(their_client(sys.argv[1]))
asyncio.run(their_server(sys.argv[2]))
print("2 passed, 0 failed")
