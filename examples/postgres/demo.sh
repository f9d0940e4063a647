#!/usr/bin/env bash
# The whole story with psql: an agent with a token and a billing database, and
# Narrowgate between them. Everything runs on this machine's loopback, in a
# folder of its own, and is gone afterwards; KEEP=1 leaves it running.
#
#   make demo            builds what is needed and runs this
#   make demo KEEP=1
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=scene.sh
source "$here/scene.sh"
# shellcheck source=telling.sh
source "$here/telling.sh"

main() {
    scene
    masked_rows
    forbidden_table
    held_for_approval
    held_anew_and_denied
    policy_edited
    recorded
    ending
}

scene() {
    title "The scene"
    tell "A PostgreSQL server with a billing database; an OpenID Connect issuer for" \
        "agents and one for staff; the gateway with five filters, every one of them" \
        "WebAssembly: recording, auth, policy, approval, masking."
    scene_open demo
    scene_certificates
    scene_postgres log_statement=ddl
    openssl rand -hex 16 >"$scene/gateway.password"
    owner_psql -c 'CREATE DATABASE billing'
    owner_psql -d billing -v password="$(<"$scene/gateway.password")" -f "$here/billing.sql"

    local port admin_port
    openssl rand -hex 16 >"$scene/insights-bot.secret"
    openssl rand -hex 16 >"$scene/dana.secret"
    scene_issuer agents '[{ "client_id": "insights-bot", "groups": ["billing-insights-agent"],
        "client_secret": "'"$(<"$scene/insights-bot.secret")"'" }]'
    local agents_url=$issuer_url
    scene_issuer staff '[{ "client_id": "dana", "groups": ["dba"],
        "client_secret": "'"$(<"$scene/dana.secret")"'" }]'
    local staff_url=$issuer_url
    read -r port admin_port < <(free_ports 2)
    admin=127.0.0.1:$admin_port
    sed -e "s|https://id.example.com|$agents_url|" -e "s|https://sso.example.com|$staff_url|" \
        -e "s|127.0.0.1:6432|127.0.0.1:$port|" -e "s|127.0.0.1:5432|127.0.0.1:$pg_port|" \
        -e "s|127.0.0.1:9901|$admin|" "$here/narrowgate.yaml" >"$scene/narrowgate.yaml"
    write_environments "$port" "$agents_url" "$staff_url"
    chmod 600 "$scene"/*.password "$scene"/*.secret "$scene"/*.key

    tell "Its configuration is examples/postgres/narrowgate.yaml with the addresses of" \
        "this run put in. Everything is in $scene"
    shell you 'narrowgate check narrowgate.yaml'
    holds "the configuration is good" test "$status" = 0
    scene_gateway narrowgate.yaml "$admin"
    pass "the gateway listens on port $port"
}

# Who is who: what each of them has in the environment.
write_environments() { # PORT AGENTS_URL STAFF_URL
    cat >"$scene/as-you" <<END
export PATH="$(dirname "$NARROWGATE_BIN"):\$PATH" NARROWGATE_CONFIG="$scene/narrowgate.yaml"
cd "$scene"
END
    cat >"$scene/as-agent" <<END
# All that the agent has: where to connect, and a token that lasts an hour.
export PGHOST=localhost PGPORT=$1 PGDATABASE=billing PGUSER=insights-bot
export PGSSLMODE=verify-full PGSSLROOTCERT="$scene/ca.crt"
PGPASSWORD=\$("$repository/tests/oidc/token" $2 insights-bot "\$(<"$scene/insights-bot.secret")")
export PGPASSWORD
END
    cat >"$scene/as-dana" <<END
# A database administrator, with a token of the staff's issuer.
export PATH="$(dirname "$NARROWGATE_BIN"):\$PATH"
export NARROWGATE_SERVER=http://$admin
NARROWGATE_TOKEN=\$("$repository/tests/oidc/token" $3 dana "\$(<"$scene/dana.secret")")
export NARROWGATE_TOKEN
END
    cat >"$scene/as-owner" <<END
# Past the gateway: the superuser, on the server's own socket.
export PGHOST="$scene/postgres" PGPORT=$pg_port PGDATABASE=billing PGUSER=postgres
END
}

masked_rows() {
    title "Rows, masked"
    tell "The agent connects with its own psql, over TLS; the password is its token." \
        "It may read customers and never gets to see how to reach them."
    shell agent 'echo "$PGPASSWORD" | cut -c 1-40'
    session_open agent
    session_ask 'SELECT name, email, card, phone, profile FROM customers ORDER BY id;'
    says 'Ada Lindgren' "names come through"
    never '(ada\.lindgren|bela|c\.moreau)@|4111|5555 4444|22463|555 0143|7946 0018' \
        "e-mail addresses, cards and telephone numbers do not, not even within the JSON"
    says '"seats": 12' "the rest of the JSON is readable"
    tell "Nor can it be talked around: what is computed from a masked column is masked," \
        "and asking about it is refused."
    session_ask 'SELECT id, upper(email) AS shouted FROM customers ORDER BY id;'
    never 'ADA|BELA|MOREAU' "what is computed from it is masked"
    session_ask 'SELECT id, note FROM invoices WHERE id = 1004;'
    never 'bela@' "an e-mail address in a note is found by what it looks like"
    session_ask "SELECT name FROM customers WHERE email LIKE 'ada%';"
    says '^ERROR: ' "a masked column is no oracle"
}

forbidden_table() {
    title "A table that no rule names"
    session_ask 'SELECT * FROM payroll;'
    says '^ERROR: ' "denied"
    says 'No rule allows it' "and the denial says why"
    session_ask 'SELECT count(*) FROM invoices;'
    says '^ +5$' "the session goes on"
    tell "Whoever writes the rules can ask beforehand:"
    shell you "narrowgate explain --target billing --issuer agents --subject insights-bot \\
        --groups billing-insights-agent 'SELECT iban FROM payroll'"
    says 'DENY: .*payroll' "explained"
}

held_for_approval() {
    title "A statement that needs a person"
    tell "The agent may drop the old archive, but only with the consent of a DBA. The" \
        "statement waits; psql shows the id of the request at once."
    session_send 'DROP TABLE invoices_2019;'
    first=$(request_id)
    session_tell
    tell "Dana has a token of the staff's issuer and looks at what is asked for:"
    shell dana 'narrowgate approvals list'
    says "$first" "the request is listed"
    shell dana "narrowgate approvals show $first"
    says 'DROP TABLE invoices_2019' "with the exact statement"
    says 'insights-bot' "and who asks"
    shell dana "narrowgate approvals approve $first --comment 'The archive is in cold storage.'"
    holds "approved" test "$status" = 0
    tell "The statement that has waited in psql goes on:"
    session_answer
    says '^DROP TABLE$' "dropped"
    holds "PostgreSQL was asked to drop it once" drops 1
}

# The id of the request that the session waits for.
request_id() {
    wait_until 30 "a NOTICE" eval 'session_answered || session_said | grep -q apr-'
    session_said | grep -Eo 'apr-[0-9a-z]+' | head -n 1
}

# PostgreSQL's own log says how often it was asked to drop the table.
drops() { # TIMES
    test "$(grep -c 'DROP TABLE invoices_2019' "$scene/logs/postgres.log")" = "$1"
}

held_anew_and_denied() {
    title "The same statement again"
    tell "Somebody restores the table, past the gateway:"
    shell owner "psql -qc 'SET ROLE gateway; CREATE TABLE invoices_2019 (LIKE invoices)'"
    # The catalog is looked at again once a second (catalog_refresh).
    sleep 1.2
    tell "The consent was for one statement and is used up: the same text is held anew," \
        "and this time Dana says no."
    session_send 'DROP TABLE invoices_2019;'
    second=$(request_id)
    session_tell
    holds "another request" test -n "$second" -a "$second" != "$first"
    shell dana "narrowgate approvals deny $second --comment 'Finance still needs it.'"
    holds "denied" test "$status" = 0
    session_answer
    says "^ERROR: .*$second" "the agent is told"
    holds "PostgreSQL was not asked again" drops 1
    shell owner "psql -Atc \"SELECT to_regclass('invoices_2019')\""
    says '^invoices_2019$' "the table is still there"
}

policy_edited() {
    title "The policy changes while psql is connected"
    session_ask 'SELECT id, amount FROM invoices WHERE id = 1005;'
    says '1600\.00' "allowed so far"
    tell "Somebody takes invoices out of the rule:"
    local before
    before=$(generation)
    shell you "sed -i '/- public.invoices\$/d' narrowgate.yaml"
    wait_until 10 "the new policy" eval '[ "$(generation)" != '"$before"' ]'
    tell "The same session, its next statement:"
    session_ask 'SELECT id, amount FROM invoices WHERE id = 1005;'
    says '^ERROR: ' "decided under the new policy"
    session_ask 'SELECT name FROM customers WHERE id = 1;'
    says 'Ada Lindgren' "what is still allowed goes on, in the same session"
    session_close
}

# Which configuration is in force.
generation() {
    curl -fsS "http://$admin/metrics" |
        sed -n 's/^narrowgate_configuration_generation \([0-9]*\).*/\1/p'
}

recorded() {
    title "The recording"
    shell you 'narrowgate recordings list'
    says 'insights-bot' "the session is there"
    local id
    id=$(grep -Eo 'ses-[0-9a-f]+' <<<"$answer" | head -n 1)
    tell "Told again, as the agent saw it:"
    shell you "narrowgate recordings replay $id"
    says 'FROM payroll' "what was tried and denied"
    says "$first" "who consented to what"
    says 'Ada Lindgren' "the rows"
    never 'ada\.lindgren@|4111 1111|555 0143' "and nothing that was masked"

    wait_until 10 "the signature" signed
    tell "Every event is chained to the one before it, and the ends of the chains are" \
        "signed:"
    shell you 'narrowgate recordings verify'
    holds "whole" test "$status" = 0
    tell "A copy of it, with one byte changed:"
    shell you 'cp -r recordings forged && sed -i "0,/FROM payroll/s//FROM payrolL/" \
        $(grep -l "FROM payroll" forged/*.jsonl)'
    shell you 'narrowgate recordings verify --directory forged'
    holds "found" test "$status" != 0
}

# The heads are signed once a second (head_interval).
signed() {
    local verified
    verified=$(source "$scene/as-you" && narrowgate recordings verify) &&
        ! grep -q '^unsigned' <<<"$verified"
}

ending() {
    printf '\n%sEverything went as told, in %d s.%s\n' "$bold" "$SECONDS" "$plain"
    if [ "${KEEP:-}" != 1 ]; then
        tell "make demo KEEP=1 leaves it running, to be looked at and played with."
        return
    fi
    scene_keep
    cat <<END
It is still running. In another terminal:

  source $scene/as-agent && psql
      connects as the agent
  source $scene/as-dana && narrowgate approvals list
      decides as Dana
  \$EDITOR $scene/narrowgate.yaml
      changes what is allowed; $scene/logs/gateway.log says what came of it
  $scene/stop
      ends all of it and removes the folder
END
}

main
