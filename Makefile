# The one task runner, for people and for CI. What a target does is in tools/setup/targets.py.
#   make up STACK=other               another stack than dev
#   make up FASHION_WALLET_HOME=/data another data folder
#   make test ARGS="-m 'not live'"    words for the command underneath
# Without STACK it is dev; make policy then judges every stack.
export STACK

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up setup preview policy plan deploy drift comment issue test lint bench rehearse stop down clean lock

up:       ## everything from nothing: system packages, environment, engine, then the stack; ends with how to connect
setup:    ## system packages, environment and engine only
preview:  ## what an update of the stack would do
policy:   ## the policy report of every stack, on the screen and in plans/ as JSON, JUnit and SARIF
plan:     ## a preview, saved in plans/ for deploy and comment (FROM=commit: from what that commit declares)
deploy:   ## the update that plan saved, refused where it does not fit any more
drift:    ## compare reality, recorded state and program
comment:  ## the comment on a pull request, out of the saved previews
issue:    ## the issue about drift, out of what drift saved
test:     ## everything it needs from nothing, then lint and all tests
lint:     ## all static checks
bench:    ## the benchmarks
rehearse: ## prod from nothing to destroy on emulated clouds
stop:     ## end the stack's processes; data stays, make up starts them again
down:     ## destroy the stack and remove its data, after asking (YES=1 in scripts)
clean:    ## remove engine, environment and caches, once no stack is left
lock:     ## resolve requirements*.in anew into requirements*.txt

up setup preview policy plan deploy drift comment issue test lint bench rehearse stop down clean lock:
	@tools/python -m tools.setup $@

help: ## this list
	@sed -n 's/^\([a-z]*\): *## /\1	/p' Makefile | awk -F '\t' '{ printf "make %-9s %s\n", $$1, $$2 }'
