"""Files as people have them become documents: text, Markdown, HTML, PDF, DOCX, tables; also in folders and zips.

ingest      the whole: paths -> documents, one outcome for each file, only what has changed
find        arguments -> files; with archive, the files in zips
sniff       what a file holds; decode, its encoding
read        one file -> its documents, the one place that catches what parsers raise
html pdf tables rows markup    the parsers
clean split titles ids         what all texts go through
duplicates  documents that say nearly the same
manifest    ingest.json: what was read last time
"""
