"""Files and questions as people have them become a corpus folder that `lab run` takes: `lab init`."""
