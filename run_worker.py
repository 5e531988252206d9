"""`python run_worker.py [--burst] [--queues a,b]`: serve queues, one process each."""

from headway.supervisor import main

if __name__ == "__main__":
    main()
