"""A finished run behind a port: its report, a page that asks its methods, and an OpenAI-compatible API.

clerk.py    one question at a time, in a thread of its own; who leaves stops the writing
guard.py    foreign hosts, foreign pages and large bodies are turned away
chat.py     OpenAI's form: requests read strictly, replies, chunks, errors
pages.py    the page that asks; the report with a link to it
app.py      the routes
server.py   the port
"""
