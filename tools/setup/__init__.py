"""Set-up: what `make up`, `make test` and the other targets of the Makefile do.

`layout` says where everything lies, `packages`, `environment` and `engine` make what is missing, `stack` brings a
stack up and takes it down, `targets` has one function a Makefile target. `screen`, `commands` and `files` serve them.
"""
