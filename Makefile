# Each target is one line that calls a script; the scripts work without make.
.DEFAULT_GOAL := help
.PHONY: help up down test sure bench clean kube ui lint test-unit test-functional test-cluster test-browser lock

help:  ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

test:  ## Run every tier of tests
	@deploy/bootstrap.sh dev lint && .venv/bin/python -m tests.run

sure: test  ## The same, under the name of what it gives

lint:  ## Static checks only
	@deploy/bootstrap.sh dev lint && .venv/bin/python -m tests.run static

test-unit:  ## Unit tests and guards
	@deploy/bootstrap.sh dev lint && .venv/bin/python -m tests.run unit

test-functional:  ## Tests on real Redis and MongoDB
	@deploy/bootstrap.sh dev lint && .venv/bin/python -m tests.run functional

test-cluster:  ## Tests on a real Kubernetes API server
	@deploy/bootstrap.sh dev lint && .venv/bin/python -m tests.run cluster

test-browser:  ## Chromium on the real platform
	@deploy/bootstrap.sh dev lint && .venv/bin/python -m tests.run browser

kube:  ## Build the programs of the local Kubernetes
	@deploy/bootstrap.sh local && .venv/bin/python -m deploy.local.kube build

lock:  ## Resolve the dependencies again after a change to requirements/*.in
	@requirements/compile.sh
