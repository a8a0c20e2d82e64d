"""Files as people have them become documents: text, Markdown, HTML, PDF, DOCX, tables; also in folders and zips."""
