"""New questions to the methods of a finished run.

written.py   the answer within what is being written, part by part; its tokens come from methods/streaming.py
marks.py     where an answer's words, and its quotes, stand in a passage
reply.py     one method's reply: answer, passages, the passage that supports it, what it took
desk.py      models loaded once, question after question
choice.py    which methods can be asked, and which one is asked by default
show.py      replies in a terminal
loop.py      the prompt of `lab ask RUN`
"""
