"""Small folders, and what came of their files."""


def write(folder, files):
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def outcomes(ingested):
    return {outcome.path: outcome for outcome in ingested.files}


def statuses(ingested):
    return {outcome.path: outcome.status for outcome in ingested.files}
