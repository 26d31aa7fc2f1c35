"""What the jobs of dumps and restore tests run: POSIX shell, each script one container's.

They get everything by environment: `SCRATCH` (the disk of the job), `STAMP_FILE`, the variables of libpq, `ROLES`,
`PRELOAD`, `BUCKET`, `PREFIX`, `KEY_ARN`, `SECRET_ARN`. Each ends with a line of JSON on success and with a code other
than 0 else; no password is ever a word of a command.
"""

from typing import Final

__all__ = [
    "DUMP_MONGODB",
    "DUMP_POSTGRES",
    "FETCH",
    "READ_PASSWORD",
    "RESTORE_MONGODB",
    "RESTORE_POSTGRES",
    "UPLOAD",
]

_PACK: Final = """\
tar -cf "$SCRATCH/dump.tar" -C "$SCRATCH" dump
rm -rf "$SCRATCH/dump"
(cd "$SCRATCH" && sha256sum dump.tar > dump.tar.sha256)
date -u +%Y-%m-%dT%H%M%SZ > "$SCRATCH/stamp"
"""
_UNPACK: Final = """\
(cd "$SCRATCH" && sha256sum -c dump.tar.sha256)
tar -xf "$SCRATCH/dump.tar" -C "$SCRATCH"
rm "$SCRATCH/dump.tar"
"""

READ_PASSWORD: Final = r"""
set -eu
umask 077
trap 'rm -f "$PGPASSFILE.answer" "$PGPASSFILE.new"' EXIT
region=${SECRET_ARN#arn:*:secretsmanager:}
aws secretsmanager get-secret-value --region "${region%%:*}" --secret-id "$SECRET_ARN" \
    --query SecretString --output text > "$PGPASSFILE.answer"
# Nothing here reads JSON, and nothing has to: the rotation's passwords have no letter that JSON would escape.
{ tr -d '\r\n' < "$PGPASSFILE.answer"; echo; } \
    | sed -n 's/^.*"password" *: *"\([^"\\][^"\\]*\)" *[,}].*$/\1/p' \
    | sed 's/:/\\:/g; s/^/*:*:*:*:/' > "$PGPASSFILE.new"
if ! [ -s "$PGPASSFILE.new" ]; then
    echo "$SECRET_ARN: no password is in it; allowed is JSON with one, without quotes and backslashes; rotate it" >&2
    exit 1
fi
chmod 400 "$PGPASSFILE.new"
mv -f "$PGPASSFILE.new" "$PGPASSFILE"
echo "{\"read\": \"$SECRET_ARN\"}"
"""
"""The password as it is now, into the file that libpq reads. Whoever comes in the middle of a rotation may be refused;
the job's next try asks anew.
"""

DUMP_POSTGRES: Final = f"""\
set -eu
pg_dump --format=directory --compress=6 --jobs=2 --no-password --lock-wait-timeout=60s --file="$SCRATCH/dump"
# A dump that cannot be listed cannot be restored.
tables=$(pg_restore --list "$SCRATCH/dump" | grep -c ' TABLE DATA ' || true)
{_PACK}
echo "{{\\"dumped\\": \\"$PGDATABASE\\", \\"tables\\": $tables, \\"bytes\\": $(wc -c < "$SCRATCH/dump.tar")}}"
"""

DUMP_MONGODB: Final = f"""\
set -eu
mkdir "$SCRATCH/dump"
mongodump --config=/secrets/config.yaml --archive="$SCRATCH/dump/archive.gz" --gzip --quiet
{_PACK}
echo "{{\\"dumped\\": \\"$DATABASE\\", \\"bytes\\": $(wc -c < "$SCRATCH/dump.tar")}}"
"""

UPLOAD: Final = """\
set -eu
key="$PREFIX/$(cat "$SCRATCH/stamp").tar"
for suffix in .sha256 ""; do
    aws s3 cp "$SCRATCH/dump.tar$suffix" "s3://$BUCKET/$key$suffix" --no-progress \\
        --sse aws:kms --sse-kms-key-id "$KEY_ARN"
done
echo "{\\"uploaded\\": \\"s3://$BUCKET/$key\\"}"
"""
"""The dump last: one that is there has its checksum beside it."""

FETCH: Final = """\
set -eu
key=$(aws s3api list-objects-v2 --bucket "$BUCKET" --prefix "$PREFIX/" --output text \
    --query 'sort_by(not_null(Contents, `[]`)[?ends_with(Key, `.tar`)], &LastModified)[-1].Key')
if [ -z "$key" ] || [ "$key" = None ]; then
    echo "no dump below s3://$BUCKET/$PREFIX/: nothing to restore; look at the job that makes dumps" >&2
    exit 1
fi
for suffix in "" .sha256; do
    aws s3 cp "s3://$BUCKET/$key$suffix" "$SCRATCH/dump.tar$suffix" --no-progress
done
echo "{\\"fetched\\": \\"s3://$BUCKET/$key\\"}"
"""

_COUNT_ROWS: Final = """\
SELECT coalesce(sum((xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %I.%I', schemaname, \
tablename), false, true, '')))[1]::text::bigint), 0) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', \
'information_schema')"""

_RESTORE_POSTGRES: Final = """\
set -eu
@unpack@
mkdir -p "$SCRATCH/run"
initdb -D "$SCRATCH/data" -U postgres --auth=trust --no-sync --encoding=UTF8 --locale=C.UTF-8 > "$SCRATCH/initdb.log"
options="-c listen_addresses= -c unix_socket_directories=$SCRATCH/run -c fsync=off -c full_page_writes=off"
pg_ctl -D "$SCRATCH/data" -w -t 60 -l "$SCRATCH/server.log" -o "$options -c shared_preload_libraries=$PRELOAD" start
stop() {
    code=$?
    [ $code = 0 ] || tail -n 20 "$SCRATCH/server.log" >&2
    pg_ctl -D "$SCRATCH/data" -m fast stop > "$SCRATCH/stop.log" || true
}
trap stop EXIT
export PGHOST="$SCRATCH/run" PGUSER=postgres PGDATABASE=postgres
run() { psql -X -v ON_ERROR_STOP=1 -qAt "$@"; }
# Rules about rows name roles, which a dump of one database does not bring along.
for role in $ROLES; do run -c "CREATE ROLE \\"$role\\""; done
run -c "CREATE DATABASE restored TEMPLATE template0"
export PGDATABASE=restored
timescale=no
if pg_restore --list "$SCRATCH/dump" | grep -q ' EXTENSION - timescaledb'; then
    timescale=yes
    run -c "CREATE EXTENSION timescaledb" -c "SELECT timescaledb_pre_restore()"
fi
pg_restore --no-owner --no-privileges --exit-on-error -d restored "$SCRATCH/dump"
if [ "$timescale" = yes ]; then run -c "SELECT timescaledb_post_restore()"; fi
wanted=$(pg_restore --list "$SCRATCH/dump" | grep -c ' TABLE DATA ' || true)
found=$(run -c "SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE \
relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema')")
rows=$(run -c "@count rows@")
if [ "$found" -lt "$wanted" ]; then
    echo "the dump has the data of $wanted tables, and only $found tables are there after its restore" >&2
    exit 1
fi
echo "{\\"restored\\": true, \\"tables\\": $found, \\"rows\\": $rows}"
"""
RESTORE_POSTGRES: Final = _RESTORE_POSTGRES.replace("@unpack@", _UNPACK).replace("@count rows@", _COUNT_ROWS)

RESTORE_MONGODB: Final = f"""\
set -eu
{_UNPACK}
mkdir "$SCRATCH/data"
mongod --dbpath "$SCRATCH/data" --bind_ip 127.0.0.1 --port 27017 --logpath "$SCRATCH/server.log" --unixSocketPrefix \
"$SCRATCH" &
server=$!
trap 'code=$?; [ $code = 0 ] || tail -n 20 "$SCRATCH/server.log" >&2; kill $server || true' EXIT
until mongosh --quiet --port 27017 --eval 'db.hello().ok' > "$SCRATCH/hello" 2>&1; do
    kill -0 $server
    sleep 1
done
mongorestore --port 27017 --archive="$SCRATCH/dump/archive.gz" --gzip --quiet --stopOnError
mongosh --quiet --port 27017 "$DATABASE" --eval '
const names = db.getCollectionNames();
const documents = names.reduce((sum, name) => sum + db.getCollection(name).countDocuments({{}}), 0);
if (names.length === 0) throw new Error("the dump brought no collection");
print(JSON.stringify({{restored: true, collections: names.length, documents}}));'
"""
