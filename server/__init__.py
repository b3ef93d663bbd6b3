"""HTTP over `kg`: the Flask application, its pages and the command line. `server.app.create_app` is the front door.

Nothing is imported here: `kg query` starts through `server.cli` and must not wait for Flask.
"""
