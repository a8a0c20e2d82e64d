"""A run in the user's own tracker: `tracking: trackio | tensorboard | mlflow | wandb` in the experiment file.

    told.py                Tracking: what is sent, once, and what happens when a tracker fails (a warning, no more)
    summary.py             the result as scalars and tables
    tensorboard_files.py   event files below .work/tracking/tensorboard
    trackio_store.py       trackio's local store, the one that `trackio show` reads
    mlflow_store.py        an SQLite store below .work/tracking/mlflow
    wandb_offline.py       offline runs below .work/tracking/wandb, for `wandb sync`

Each adapter and seed is a run of its own (train-A-seed1), and so is the final table (results); the experiment's name is
the project. What a tracker is told is written out here: curves, settings, results. The Trainer's own integrations are
not used, because they take settings from environment variables and send all training arguments, folders included.
Nothing here opens a connection. A tracked run and an untracked one have the same steps and the same results.
"""

from lab.tracking.told import Tracking, open_tracking

__all__ = ["Tracking", "open_tracking"]
