"""Where a document may be cut: its structure, its sentences, and the strategies that choose among these places.

blocks      a text as headings, paragraphs, list items, tables and code; with headings, the plain-text ones
outline     headings -> sections and the path of each
tokens      where each token of the encoder begins, and windows of tokens
units       blocks -> what is kept whole: sentences, items, rows, lines of code
strategies  window, sentence and heading
semantic    boundaries where the subject changes
labels      heading paths, shortened until title and path leave room for the text
"""
