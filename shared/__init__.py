"""The domain, shared by web, worker, watcher and beat. Knows no process, no Flask, and Celery only in broker.py."""
