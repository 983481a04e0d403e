"""The domain: what web, worker, watcher and beat share. Knows no process, no Flask, and Celery only in broker.py."""
