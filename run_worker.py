"""`python run_worker.py [--burst] [--queues a,b]`: the command `headway worker`."""

from headway.cli import worker

if __name__ == "__main__":
    worker()
