# The scene of the demo and of the bench, to be sourced: a PostgreSQL server,
# OIDC issuers and the gateway, all of them in one folder, on free loopback
# ports, ended by their ids. Uses nothing but what .ci/setup installs.
#
#   scene_open NAME          makes $scene, a folder of its own; removes it at exit
#   scene_postgres           starts PostgreSQL: $pg_port, owner_psql
#   scene_issuer NAME JSON   starts an issuer: $issuer_url
#   scene_gateway CONFIG     starts the gateway, waits until it is ready
#   scene_close              ends everything that was started here
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scene=
# Name and process id of everything that was started, in order.
started=()

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

scene_open() { # NAME
    scene=$(mktemp -d "${TMPDIR:-/tmp}/narrowgate-$1.XXXXXX")
    # The server's user has to get at its own folder in there, and sees no more.
    chmod 711 "$scene"
    # Apart, since the gateway looks at the folder of its configuration.
    mkdir "$scene/logs"
    trap scene_close EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM

    pg_bin=$(postgres_binaries)
    NARROWGATE_BIN=$(realpath "${NARROWGATE_BIN:?names the gateway to run}")
    PATH=$pg_bin:$(dirname "$NARROWGATE_BIN"):$PATH
    # What the machine's user has set must not decide what happens here.
    local name
    for name in "${!PG@}"; do unset "$name"; done
    export PGPASSFILE=$scene/no-passwords PGCONNECT_TIMEOUT=20 PAGER=
    unset pg_bin
}

# The folder of the newest PostgreSQL server that Debian installed.
postgres_binaries() {
    local bin
    bin=${NARROWGATE_POSTGRES_BIN:-$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)}
    [ -x "$bin/initdb" ] || die "PostgreSQL is not installed: run .ci/setup"
    echo "$bin"
}

free_ports() { # COUNT: so many ports that nothing listens on
    python3 - "$1" <<'PYTHON'
import socket, sys
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(one.getsockname()[1] for one in sockets))
PYTHON
}

# Starts a process whose output goes to $scene/logs/NAME.log. A session of its own,
# so that Ctrl-C and a closed terminal reach this script and not the process.
start() { # NAME COMMAND…
    local name=$1
    shift
    setsid env -C "$scene" "$@" </dev/null >"$scene/logs/$name.log" 2>&1 &
    started+=("$name:$!")
}

process() { # NAME: its id
    local one
    for one in "${started[@]}"; do
        case $one in "$1":*) echo "${one##*:}" ;; esac
    done
}

alive() { kill -0 "$(process "$1")" 2>/dev/null; }

wait_until() { # SECONDS WHAT COMMAND…: until the command succeeds
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || die "$what: still not after all that waiting"
        sleep 0.05
    done
}

# Ends one process and waits until it has; whoever does not listen is killed.
end() { # NAME [SIGNAL]
    local pid
    pid=$(process "$1")
    kill "-${2:-TERM}" "$pid" 2>/dev/null || return 0
    for _ in {1..200}; do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null || true
}

scene_close() {
    local status=$? index
    trap - EXIT INT TERM
    for ((index = ${#started[@]} - 1; index >= 0; index--)); do
        # INT is PostgreSQL's fast shutdown, the others end at TERM.
        case ${started[index]} in
            postgres:*) end postgres INT ;;
            *) end "${started[index]%:*}" ;;
        esac
    done
    started=()
    [ -z "$scene" ] || rm -rf "$scene"
    exit "$status"
}

# A key and a certificate for localhost, from an authority made for the scene.
scene_certificates() {
    local curve=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
    (
        cd "$scene"
        openssl req -x509 "${curve[@]}" -days 2 -subj '/CN=Authority of the scene' \
            -addext keyUsage=critical,keyCertSign -keyout ca.key -out ca.crt
        openssl req "${curve[@]}" -subj /CN=localhost -keyout localhost.key -out localhost.csr
        openssl x509 -req -in localhost.csr -CA ca.crt -CAkey ca.key -days 2 -out localhost.crt \
            -extfile <(printf '%s\n' 'basicConstraints=critical,CA:FALSE' \
                'subjectAltName=DNS:localhost,IP:127.0.0.1')
        rm localhost.csr ca.key
    ) >"$scene/logs/openssl.log" 2>&1 || die "openssl: $(tail -n 1 "$scene/logs/openssl.log")"
}

# A server of our own, which lets in `postgres` on its socket and everybody else by
# password, over TLS unless $pg_tls says `host`. More settings may be given:
# NAME=VALUE…
scene_postgres() {
    local folder=$scene/postgres become=() setting settings=()
    mkdir -m 700 "$folder"
    cp "$scene/localhost.crt" "$scene/localhost.key" "$folder"
    printf '%s\n' 'local all postgres trust' \
        "${pg_tls:-hostssl} all all 127.0.0.1/32 scram-sha-256" >"$folder/pg_hba.conf"
    # PostgreSQL refuses to run as root.
    if [ "$(id -u)" = 0 ]; then
        become=(setpriv --reuid=postgres --regid=postgres --clear-groups)
        chown -R postgres:postgres "$folder"
    fi
    chmod 600 "$folder/localhost.key"
    (cd "$folder" && "${become[@]}" initdb --username=postgres --auth=trust --encoding=UTF8 \
        --locale=C.UTF-8 --no-sync --pgdata=data) >"$scene/logs/initdb.log" 2>&1 ||
        die "initdb: $(tail -n 3 "$scene/logs/initdb.log")"
    pg_port=$(free_ports 1)
    for setting in port="$pg_port" listen_addresses=127.0.0.1 unix_socket_directories="$folder" \
        hba_file="$folder/pg_hba.conf" ssl=on ssl_cert_file="$folder/localhost.crt" \
        ssl_key_file="$folder/localhost.key" fsync=off "$@"; do
        settings+=(-c "$setting")
    done
    # From a folder that its user may enter.
    start postgres env -C "$folder" "${become[@]}" postgres -D "$folder/data" "${settings[@]}"
    wait_until 30 "PostgreSQL" owner_psql -c 'SELECT 1'
}

# psql past the gateway, as the owner of everything.
owner_psql() { psql -Xq -v ON_ERROR_STOP=1 -h "$scene/postgres" -p "$pg_port" -U postgres "$@"; }

scene_issuer() { # NAME CLIENTS_AS_JSON
    (umask 077 && echo "$2" >"$scene/$1.json")
    start "$1" node "$repository/tests/oidc/issuer.mjs" --clients "$scene/$1.json" --ttl 3600
    wait_until 30 "the issuer $1" grep -q '^listening ' "$scene/logs/$1.log"
    issuer_url=$(sed -n 's/^listening //p' "$scene/logs/$1.log")
}

# Starts the gateway. The first start compiles the filters, later ones load them.
scene_gateway() { # CONFIG ADMIN_ADDRESS
    start gateway "$NARROWGATE_BIN" run "$1"
    wait_until 120 "the gateway" gateway_ready_or_gone "$2"
    alive gateway || die "the gateway ended at once: $(tail -n 20 "$scene/logs/gateway.log")"
}

gateway_ready_or_gone() { # ADMIN_ADDRESS
    ! alive gateway || curl -fs --max-time 2 "http://$1/readyz"
}

# Leaves everything running and writes $scene/stop, which ends it.
scene_keep() {
    cat >"$scene/stop" <<END
#!/usr/bin/env bash
# Ends what the demo has left running, and removes its folder.
for started in ${started[*]}; do
    pid=\${started##*:}
    # An id may have gone to another process: ours live in this folder.
    ours() { [[ "\$(readlink "/proc/\$pid/cwd")" == "$scene"* ]]; }
    ours || continue
    case \$started in postgres:*) kill -INT "\$pid" ;; *) kill "\$pid" ;; esac
    for _ in {1..200}; do ours || break; sleep 0.05; done
done
rm -rf "$scene"
END
    chmod +x "$scene/stop"
    trap - EXIT INT TERM
}
