"""Read documents and questions, cut passages, and say which passages hold the evidence.

registry    format name -> reader; a new format is one file and one line there
jsonl       the lab's own format: documents.jsonl and questions.jsonl
squad       SQuAD 1.1 and 2.0
fields      what readers share: JSON objects read key by key, with every fault noted
passages    documents -> passages, sentence-aware, never longer than the encoder reads
evidence    questions and passages -> which passages hold which evidence
summary     the counts that a report shows of a corpus
"""
