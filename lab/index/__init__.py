"""Passages to a Retriever: embed them, build a FAISS or BM25 index, fuse and rerank.

encoder.py   sentence encoder: texts to normalised vectors, and token offsets for cutting passages
embed.py     vectors of all passages, in shards that survive a kill
search.py    FAISS: build, measure, save, load, search
bm25.py      lexical search
hybrid.py    reciprocal rank fusion of two retrievers
rerank.py    a cross-encoder re-reads the best passages
build.py     the config decides: builds a retriever into a folder, opens it again
files.py     atomic writes
"""
