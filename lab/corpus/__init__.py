"""Read documents and questions, cut passages, and say which passages hold the evidence.

registry    format name -> reader; a new format is one file and one line there
jsonl       the lab's own format: documents.jsonl and questions.jsonl
squad pubmedqa hotpotqa apibench raft_rows table hub    other people's formats
source      where data lie, and text files in any encoding
records     JSON record by record, larger than memory
fields      what readers share: JSON objects read key by key, with every fault noted
rows        rows of a table -> questions and documents; with cells, row_files, documents, locate, parts
passages    documents -> passages, sentence-aware, never longer than the encoder reads
evidence    questions and passages -> which passages hold which evidence
summary     the counts that a report shows of a corpus
"""
