"""An emulator of MongoDB Atlas's published Admin API (v2), for rehearsals without an account.

It speaks HTTP on this machine, wants digest authentication and the published media types, and checks every body field
by field: what the API does not have is refused as Atlas refuses it. Clusters are the real `mongod`s of `servers.json`,
and custom roles and users are made in them for real. Its state outlives a restart.

What it does not verify, because nothing here can: that sizes, regions and versions are to be had in an account; quotas
and prices; that Atlas can use the key and take on the role (where AWS_ENDPOINT_URL is set, it looks at the role's trust
policy and at the key's policy); that packets pass the private endpoint; that backups, copies and points in time are
made (schedules are only kept); that the audit log is written; that alerts go off; maintenance; the version of the
server. Codes of errors are Atlas's where they are published, else alike.
"""
