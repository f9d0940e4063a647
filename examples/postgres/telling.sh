# How the demo tells its story, to be sourced: a line or two of what happens, the
# command as a reader can repeat it, what it said, and what that proves. A check
# that does not hold ends the demo with exit code 1.
#
#   title TEXT, tell TEXT        the story
#   shell WHO COMMAND            runs a command as somebody (file $scene/as-WHO)
#   session_open WHO             opens psql as somebody, for several statements
#   session_ask STATEMENT        sends a statement and waits for its answer
#   session_send, session_answer the same in two steps
#   session_tell                 what has been answered up to now
#   session_close
#   says REGEX WHAT              the last answer has it: a check
#   never REGEX WHAT             the last answer does not have it
#   holds WHAT COMMAND…          the command succeeds
# shellcheck shell=bash

# The last answer, and the exit code of the last command.
answer=
status=0
chapter=0
# Statements that the open session has been sent, and lines of the last answer
# that have been told.
asked=0
told=0

bold='' dim='' red='' green='' plain=''
if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
fi

title() {
    chapter=$((chapter + 1))
    printf '\n%s%d. %s%s\n' "$bold" "$chapter" "$*" "$plain"
}

tell() { printf '%s\n' "$*" | fold -s -w 78 | sed "s, *$,,"; }

indent() { sed 's/^/    /'; }

shell() { # WHO COMMAND
    printf '%s  %s$ %s%s\n' "$bold" "$1" "$2" "$plain"
    status=0
    answer=$(
        # shellcheck disable=SC1090
        source "$scene/as-$1"
        cd "$scene"
        eval "$2" 2>&1
    ) || status=$?
    [ -z "$answer" ] || indent <<<"$answer"
}

session_open() { # WHO
    printf '%s  %s$ psql%s\n' "$bold" "$1" "$plain"
    mkfifo "$scene/session.in"
    : >"$scene/session.out"
    asked=0
    # Line by line, so that what it says can be told as it comes.
    # shellcheck disable=SC1090
    (source "$scene/as-$1" && exec stdbuf -oL psql -X) \
        <"$scene/session.in" >"$scene/session.out" 2>&1 &
    started+=("psql:$!")
    exec {session}>"$scene/session.in"
}

session_close() {
    exec {session}>&-
    wait_until 10 "the end of psql" eval '! alive psql'
}

session_send() { # STATEMENT
    asked=$((asked + 1))
    told=0
    printf '%s  billing=> %s%s\n' "$bold" "$1" "$plain"
    printf '%s\n\\echo -- %d\n' "$1" "$asked" >&"$session"
}

# What psql has said to the last statement up to now.
session_said() {
    sed "0,/^-- $((asked - 1))\$/d" <(echo '-- 0' && cat "$scene/session.out") |
        sed "/^-- $asked\$/,\$d"
}

# Tells what has come since it was told last.
session_tell() {
    answer=$(session_said)
    tail -n +$((told + 1)) <<<"$answer" | indent
    told=$(wc -l <<<"$answer")
}

session_answered() { ! alive psql || grep -qx -- "-- $asked" "$scene/session.out"; }

session_answer() {
    wait_until 60 "an answer" session_answered
    session_tell
    alive psql || fail "psql is gone"
}

session_ask() { # STATEMENT
    session_send "$1"
    session_answer
}

says() { # REGEX WHAT
    if grep -Eq -- "$1" <<<"$answer"; then pass "$2"; else fail "$2"; fi
}

never() { # REGEX WHAT
    if grep -Eq -- "$1" <<<"$answer"; then fail "$2"; else pass "$2"; fi
}

holds() { # WHAT COMMAND…
    local what=$1
    shift
    if "$@" >/dev/null; then pass "$what"; else fail "$what"; fi
}

pass() { printf '%s  ✔ %s%s\n' "$green" "$1" "$plain"; }

fail() {
    printf '%s  ✘ %s%s\n' "$red" "$1" "$plain"
    printf '\nThe demo did not go as told. The last lines of the gateway:\n'
    { tail -n 20 "$scene/logs/gateway.log" 2>/dev/null || echo "(it has not been started)"; } | indent
    exit 1
}
