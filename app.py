"""The WSGI application: `gunicorn app:app`, `flask --app app …`."""

from sharelm import create_app

app = create_app()
