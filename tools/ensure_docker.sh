#!/bin/sh
# A Docker engine for tests with containers, also on a bare Debian without an init system.
#
#   eval "$(tools/ensure_docker.sh)"    use the engine that answers, else install and start one
#   tools/ensure_docker.sh stop         end the engine that this script started
#
# stdout holds nothing but lines for the shell: export NAME='VALUE'. Everything else goes to stderr. Status 1 and one
# line on stderr where there is no way to an engine.
set -eu

STATE=${DSKIT_DOCKER_STATE:-/var/tmp/dskit-docker}
SOCKET=/var/run/docker.sock
PIDFILE=$STATE/dockerd.pid
LOG=$STATE/dockerd.log
TRIES=300 # of 0.1 s: the first start of a fresh data root is the slow one

fail() {
    echo "ensure_docker: $*" >&2
    exit 1
}

answers() {
    docker ${1:+-H "$1"} version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# dockerd's own, while it lives: a stale file names a process that is gone or is something else.
own_pid() {
    [ -s "$PIDFILE" ] || return 1
    pid=$(cat "$PIDFILE")
    [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -q dockerd && echo "$pid"
}

# A process that has not ended, whatever its program: ours is not dockerd yet when it is new.
runs() {
    case $(cut -d ' ' -f 3 "/proc/$1/stat" 2>/dev/null) in '' | Z) return 1 ;; esac
}

tell() {
    echo "export DOCKER_HOST='$1'"
    if own_pid >/dev/null; then
        # Inside a container image (/.dockerenv) testcontainers would look for the bridge gateway, where nothing
        # listens: ports are published on loopback.
        echo "export TESTCONTAINERS_CONNECTION_MODE='docker_host'"
        echo "export TESTCONTAINERS_HOST_OVERRIDE='127.0.0.1'"
    fi
}

stop() {
    pid=$(own_pid) || { echo "ensure_docker: no engine of mine is running" >&2; return 0; }
    kill -TERM "$pid"
    left=$TRIES
    while [ -d "/proc/$pid" ]; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || fail "dockerd (process $pid) does not end"
        sleep 0.1
    done
    rm -f "$PIDFILE"
}

install_engine() {
    command -v dockerd >/dev/null 2>&1 && return 0
    command -v apt-get >/dev/null 2>&1 || fail "there is no dockerd, and no apt-get to install one"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update >&2 || fail "apt-get update failed"
    apt-get -q -y --no-install-recommends install docker.io >&2 || fail "docker.io cannot be installed"
}

# $1: a further flag, or nothing. Descriptors are closed: whoever reads our stdout through a pipe must see its end.
launch() {
    setsid dockerd --host "unix://$SOCKET" --data-root "${DSKIT_DOCKER_ROOT:-/var/lib/docker}" --ip 127.0.0.1 \
        ${1:+"$1"} >"$LOG" 2>&1 </dev/null 9>&- &
    engine=$!
    echo "$engine" >"$PIDFILE"
    left=$TRIES
    until answers "unix://$SOCKET"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] && runs "$engine" || return 1
        sleep 0.1
    done
}

start() {
    [ "$(id -u)" = 0 ] || fail "no Docker engine answers, and starting one needs root"
    mkdir -p "$STATE"
    exec 9>"$STATE/lock"
    command -v flock >/dev/null 2>&1 && flock 9 # one starts, whoever comes meanwhile finds it
    answers "unix://$SOCKET" && return 0
    install_engine
    launch "" && return 0
    if grep -qi 'iptables\|NAT chain' "$LOG"; then
        # Published ports on 127.0.0.1 still work then (docker-proxy); containers reach nothing outside.
        launch --iptables=false && return 0
    fi
    fail "dockerd did not start: $(tail -n 1 "$LOG")"
}

case ${1:-start} in
    stop) stop ;;
    start)
        if [ -n "${DOCKER_HOST:-}" ]; then
            answers "" || fail "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST"
            tell "$DOCKER_HOST"
        else
            { command -v docker >/dev/null 2>&1 && answers "unix://$SOCKET"; } || start
            tell "unix://$SOCKET"
        fi
        ;;
    *) fail "usage: ensure_docker.sh [start|stop]" ;;
esac
