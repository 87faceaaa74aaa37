"""The HTTP interface: routes, guards, sockets. The only part of the engine that knows aiohttp."""
