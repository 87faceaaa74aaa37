"""What each route does, one module per resource; `engine.server.routes` lists them."""
