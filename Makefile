# Each target is one line that calls a script; the scripts work without make.
.DEFAULT_GOAL := help
.PHONY: help up down test sure bench clean kube ui docs lint test-unit test-functional test-cluster test-browser lock

help:  ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

up:  ## Start everything, also what is missing for it; Ctrl-C stops it (PORT= KUBE= YES=1 NO_INSTALL=1 OFFLINE=1)
	@export ORCHCLI_SINCE=$$(date +%s); deploy/bootstrap.sh up && exec .venv/bin/orchcli start --mode production --runtime local

down:  ## Stop what `make up` started, from anywhere
	@[ ! -x .venv/bin/orchcli ] || .venv/bin/orchcli stop

clean:  ## List and remove packages, builds and logs (CACHE=1: also built Kubernetes programs; DATA=1 CONFIRM=name: also data)
	@[ ! -x .venv/bin/orchcli ] || .venv/bin/orchcli clean --deps --build --logs $(if $(CACHE),--cache) $(if $(DATA),--data) $(if $(CONFIRM),--confirm $(CONFIRM)) $(if $(YES),-y)

ui:  ## Build the web interface
	@deploy/bootstrap.sh && .venv/bin/orchcli build-ui

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

bench:  ## Measure deploys and plans against kubectl, updates to browsers against Redis alone, REST against bare Flask
	@deploy/bootstrap.sh dev && .venv/bin/python -m bench.deploy && .venv/bin/python -m bench.deploy --objects 500 --rounds 3 && .venv/bin/python -m bench.engine && .venv/bin/python -m bench.fanout && .venv/bin/python -m bench.rest

kube:  ## Build the programs of the local Kubernetes
	@deploy/bootstrap.sh local && .venv/bin/python -m deploy.local.kube build

lock:  ## Resolve the dependencies again after a change to requirements/*.in
	@requirements/compile.sh

docs:  ## Write the pages that come from the code
	@deploy/bootstrap.sh && for page in settings cli node_types plugins; do .venv/bin/python -m deploy.$${page}_docs || exit; done
