#!/usr/bin/env bash
# Measures the gateway, as ratios to a server reached directly and to PgBouncer
# in the same run on the same machine, since times alone are not stable. Prints a
# table and writes it to target/bench/latest.md. bench/README.md says what each
# figure is.
#
#   make bench                        about ten minutes
#   ROUNDS=1 SECONDS_EACH=2 PARTS="transactions idle_sessions" make bench
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../examples/postgres/scene.sh
source "$here/../examples/postgres/scene.sh"

# Rounds of pgbench, and the length of each run in seconds.
rounds=${ROUNDS:-5}
seconds=${SECONDS_EACH:-4}
# 100,000 accounts each.
scale=10
# Rows of the large result, idle sessions, and those that have run a statement.
rows=${ROWS:-5000000}
sessions=${SESSIONS:-10000}
dialled=200
# What is measured, beside the start.
read -ra parts <<<"${PARTS:-transactions large_results idle_sessions policy_edit fairness filter_calls}"
# What pgbench runs, see pgbench_options.
whats=(simple prepared new connect rows)

main() {
    report=${CARGO_TARGET_DIR:-$repository/target}/bench/latest.md
    mkdir -p "$(dirname "$report")"
    scene_open bench
    prepare
    local part
    for part in heading start_times "${parts[@]}" closing; do
        # No pipe: what is started in a part must be known here, to be ended.
        "$part" >"$scene/part.md"
        tee -a "$scene/report.md" <"$scene/part.md"
    done
    mv "$scene/report.md" "$report"
    echo "written to $report" >&2
}

closing() { printf '\nTaken in %d min %d s.\n' $((SECONDS / 60)) $((SECONDS % 60)); }

progress() { echo "bench: $*" >&2; }

# A server, its data, an issuer, PgBouncer, and the gateway's configuration.
prepare() {
    progress "setting up"
    scene_certificates
    pg_tls=host scene_postgres max_connections=$((dialled + 100)) shared_buffers=512MB \
        synchronous_commit=off max_wal_size=4GB
    openssl rand -hex 16 >"$scene/gateway.password"
    owner_psql -v password="$(<"$scene/gateway.password")" <<'SQL'
CREATE ROLE gateway LOGIN PASSWORD :'password';
CREATE DATABASE bench OWNER gateway;
SQL
    # As the role that everybody comes by, so that the tables are its own.
    PGOPTIONS='-c role=gateway' pgbench --quiet -i -s "$scale" -h "$scene/postgres" -p "$pg_port" \
        -U postgres bench 2>"$scene/logs/pgbench.log"
    owner_psql -d bench -v rows="$rows" <<'SQL'
SET ROLE gateway;
CREATE TABLE switch AS SELECT 1 AS one;
CREATE UNLOGGED TABLE wide AS
    SELECT g AS id, md5(g::text) AS payload, now() AS at FROM generate_series(1, :rows) g;
CREATE TABLE people AS
    SELECT 'Person No. ' || g AS name, 'person' || g || '@example.com' AS email,
        md5(g::text) AS city, 'phone ' || g AS phone, 'note about ' || g AS note
    FROM generate_series(1, 1000) g;
CREATE TABLE masked_people AS SELECT * FROM people;
RESET ROLE;
VACUUM ANALYZE;
SQL
    cat >"$scene/select.sql" <<SQL
\\set aid random(1, 100000 * $scale)
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
SQL
    # Variables are put into the text, so that names differ from one to the next.
    cat >"$scene/new.sql" <<SQL
\\set aid random(1, 100000 * $scale)
\\set n random(1, 1000000000000)
SELECT abalance AS a:n FROM pgbench_accounts AS t:n WHERE t:n.aid = :aid;
SQL
    echo 'SELECT name, email, city, phone, note FROM people LIMIT 1000;' >"$scene/rows.sql"
    sed 's/people/masked_people/' "$scene/rows.sql" >"$scene/masked.sql"
    openssl rand -hex 16 >"$scene/bench.secret"
    scene_issuer agents '[{ "client_id": "bench", "groups": ["bench"],
        "client_secret": "'"$(<"$scene/bench.secret")"'" }]'
    token=$("$repository/tests/oidc/token" "$issuer_url" bench "$(<"$scene/bench.secret")")
    local admin_port
    read -r plain_port tls_port looping_port admin_port bouncer_port < <(free_ports 5)
    admin=127.0.0.1:$admin_port
    sed -e "s|https://id.example.com|$issuer_url|" -e "s|127.0.0.1:6431|127.0.0.1:$plain_port|" \
        -e "s|127.0.0.1:6432|127.0.0.1:$tls_port|" -e "s|127.0.0.1:6433|127.0.0.1:$looping_port|" \
        -e "s|127.0.0.1:5432|127.0.0.1:$pg_port|" \
        -e "s|127.0.0.1:9901|$admin|" "$here/narrowgate.yaml" >"$scene/narrowgate.yaml"
    cp "${CARGO_TARGET_DIR:-$repository/target}/filters/hostile/loop.wasm" "$scene/loop.wasm"
    pgbouncer_configuration
}

pgbouncer_configuration() {
    local folder=$scene/bouncer
    mkdir -m 700 "$folder"
    echo '"gateway" ""' >"$folder/users"
    cat >"$folder/pgbouncer.ini" <<END
[databases]
bench = host=127.0.0.1 port=$pg_port user=gateway password=$(<"$scene/gateway.password")
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $bouncer_port
unix_socket_dir =
auth_type = trust
auth_file = $folder/users
pool_mode = session
default_pool_size = 50
log_connections = 0
log_disconnections = 0
END
    local become=()
    # PgBouncer refuses to run as root.
    if [ "$(id -u)" = 0 ]; then
        become=(setpriv --reuid=postgres --regid=postgres --clear-groups)
        chown -R postgres:postgres "$folder"
    fi
    start pgbouncer env -C "$folder" "${become[@]}" /usr/sbin/pgbouncer "$folder/pgbouncer.ini"
}

heading() {
    echo "# Narrowgate's figures"
    echo
    echo "$(date -u +%F), revision $(git -C "$repository" describe --always --dirty 2>/dev/null || echo unknown)," \
        "$(nproc) cores of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)," \
        "$(postgres --version), $(/usr/sbin/pgbouncer --version | head -n 1)." \
        "All five filters, everything recorded to disk."
}

measure() { "$repository/.cache/venv/bin/python" "$here/measure.py" "$@"; }

start_times() {
    progress "start, with cold and with warm cache"
    echo
    echo "| start to ready | median of three |"
    echo "| --- | ---: |"
    measure start "$scene" "$NARROWGATE_BIN" "$admin"
    scene_gateway narrowgate.yaml "$admin"
}

# Where a system listens, and with which credential.
system() { # direct | bouncer | gateway
    export PGHOST=127.0.0.1 PGUSER=gateway PGDATABASE=bench PGSSLMODE=disable
    case $1 in
        direct) export PGPORT=$pg_port PGPASSWORD="$(<"$scene/gateway.password")" ;;
        bouncer) export PGPORT=$bouncer_port PGPASSWORD= ;;
        gateway) export PGPORT=$plain_port PGPASSWORD=$token ;;
    esac
}

# What pgbench is run with.
pgbench_options() { # simple | prepared | new | connect | rows | masked
    case $1 in
        simple | prepared) echo --protocol="$1" --file="$scene/select.sql" ;;
        connect) echo --connect --file="$scene/select.sql" ;;
        *) echo --file="$scene/$1.sql" ;;
    esac
}

# One run: transactions per second, appended to $scene/tps.SYSTEM.WHAT
pgbench_run() { # SYSTEM WHAT SECONDS
    local log=$scene/logs/pgbench.log
    (
        system "$1"
        # Words of its own, none with blanks.
        # shellcheck disable=SC2046
        pgbench --no-vacuum --client=8 --jobs=2 --time="$3" $(pgbench_options "$2")
    ) >"$log" 2>&1 || die "pgbench against $1: $(tail -n 5 "$log")"
    sed -n 's/^tps = \([0-9.]*\).*/\1/p' "$log" >>"$scene/tps.$1.$2"
}

median() { sort -g "$1" | awk '{ a[NR] = $1 } END { print NR % 2 ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'; }

# Everything once, in turn, so that a slow minute falls on all of it.
pgbench_round() { # SECONDS
    local what one
    for what in "${whats[@]}"; do
        for one in direct bouncer gateway; do pgbench_run "$one" "$what" "$1"; done
    done
    pgbench_run gateway masked "$1"
}

tps() { median "$scene/tps.$1.$2"; }

transactions() {
    local what round
    pgbench_round 1
    rm "$scene"/tps.*
    for ((round = 1; round <= rounds; round++)); do
        progress "pgbench, round $round of $rounds"
        pgbench_round "$seconds"
    done
    local -A says=([simple]="select only, simple" [prepared]="select only, prepared"
        [new]="every statement of a shape never seen before" [connect]="a connection for each statement"
        [rows]="1,000 rows of five text columns")
    echo
    echo "| pgbench, 8 clients: median of $rounds | direct | PgBouncer | Narrowgate | to PgBouncer | to direct |"
    echo "| --- | ---: | ---: | ---: | ---: | ---: |"
    for what in "${whats[@]}"; do
        awk -v what="${says[$what]}" -v d="$(tps direct "$what")" \
            -v b="$(tps bouncer "$what")" -v g="$(tps gateway "$what")" \
            'BEGIN { printf "| %s | %.0f tps | %.0f tps | %.0f tps | **%.2f** | %.2f |\n", what, d, b, g, g / b, g / d }'
    done
    echo
    echo "| through Narrowgate | one | the other | ratio |"
    echo "| --- | ---: | ---: | ---: |"
    compared "1,000 rows, two columns masked, to unmasked" masked rows
    compared "statements never seen before, to repeated" new simple
}

# Two figures of the gateway as a row.
compared() { # WHAT ONE OTHER
    awk -v what="$1" -v one="$(tps gateway "$2")" -v other="$(tps gateway "$3")" \
        'BEGIN { printf "| %s | %.0f tps | %.0f tps | **%.2f** |\n", what, one, other, one / other }'
}

large_results() {
    progress "$rows rows, streamed"
    echo
    echo "| $rows rows | direct | Narrowgate | ratio | memory before | highest while it streams |"
    echo "| --- | ---: | ---: | ---: | ---: | ---: |"
    local how
    for how in copy select; do
        measure stream "$how" "$rows" "$(process gateway)" \
            "host=127.0.0.1 dbname=bench user=gateway sslmode=disable port=$pg_port password=$(<"$scene/gateway.password")" \
            "host=127.0.0.1 dbname=bench user=bench sslmode=disable port=$plain_port password=$token"
    done
}

idle_sessions() {
    local gateway dsn
    gateway=$(process gateway)
    dsn="host=localhost dbname=bench user=bench sslmode=verify-full sslrootcert=$scene/ca.crt port=$tls_port password=$token"
    progress "$sessions idle sessions"
    echo
    echo "| idle sessions, TLS and authenticated | memory before | with them | each |"
    echo "| --- | ---: | ---: | ---: |"
    # These first: they would have the memory that the others have left.
    measure dialled "$dialled" "$gateway" "$dsn"
    measure idle "$sessions" "$gateway" "$tls_port" "$scene/ca.crt" "$token"
}

policy_edit() {
    progress "from an edited policy to its effect"
    echo
    echo "| from an edited policy to its effect in a live session | median | worst |"
    echo "| --- | ---: | ---: |"
    measure policy "$scene/narrowgate.yaml" public.switch \
        "host=127.0.0.1 dbname=bench user=bench sslmode=disable port=$plain_port password=$token"
}

fairness() {
    progress "while two filters loop"
    echo
    echo "| time of a statement in other sessions | median | 99th percentile | worst |"
    echo "| --- | ---: | ---: | ---: |"
    measure fairness \
        "host=127.0.0.1 dbname=bench user=bench sslmode=disable port=$plain_port password=$token" \
        "host=127.0.0.1 dbname=bench user=bench sslmode=disable port=$looping_port password=$token"
}

filter_calls() {
    local calls
    calls=$(dirname "$NARROWGATE_BIN")/examples/call_cost
    [ -x "$calls" ] || die "$calls is not built: run make bench"
    progress "filter calls"
    echo
    "$calls" "${CARGO_TARGET_DIR:-$repository/target}/filters"
}

main
