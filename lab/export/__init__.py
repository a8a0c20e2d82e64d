"""A finished run for other programs: `lab export`.

one method, as a folder that transformers, peft and FAISS read without the lab
    method.py     what goes into the folder; weights.py, prompt.py, card.py, usage.py, names.py make its parts
    folder.py     nothing half-written, nothing of others deleted
the numbers, as files
    tables.py     methods, scores, answers or comparisons as rows, read from the files of the run
    write.py      rows as CSV or Parquet; never over a file of the run
    lm_eval.py    the shape of lm-evaluation-harness
"""
