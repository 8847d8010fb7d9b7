#!/bin/sh
# What enclosure.cpp is made of; see enclosure.hpp.
#
#   enclosure.sh make FOLDER NAME              makes an enclosure, says "ready", and stays
#   enclosure.sh run NAME PID COMMAND...       runs a command in the one whose first process is PID
#
# (topmost, inside: steps of `make`.)
set -eu

# Gives a command each hierarchy of control groups: the only one (version 2), or one for each controller.
each() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then "$@" /sys/fs/cgroup; return; fi
  for hierarchy in /sys/fs/cgroup/*; do
    if [ ! -L "$hierarchy" ] && [ -e "$hierarchy/cgroup.procs" ]; then "$@" "$hierarchy"; fi
  done
}

# Moves the shell into a group of a hierarchy. One of cpuset takes nobody before it is told processors and memory.
enter() {
  if [ -e "$2/cgroup.controllers" ]; then
    read -r controllers <"$2/cgroup.controllers" || true # empty where each has a hierarchy of its own
    for controller in $controllers; do echo "+$controller" >"$2/cgroup.subtree_control" || true; done
  fi
  mkdir -p "$2/$1"
  for file in cpuset.cpus cpuset.mems; do
    if [ -e "$2/$file" ]; then cat "$2/$file" >"$2/$1/$file"; fi
  done
  echo $$ >"$2/$1/cgroup.procs"
}

# Shows the groups as they look from inside: the enclosure's is the topmost one.
remount() {
  umount -n "$1"
  case "${1##*/}" in
    cgroup | unified) mount -n -t cgroup2 cgroup2 "$1" ;;
    systemd) mount -n -t cgroup -o none,name=systemd cgroup "$1" ;;
    *) mount -n -t cgroup -o "${1##*/}" cgroup "$1" ;;
  esac
}

step=$1
shift
case "$step" in
  make)
    each enter "$2"
    exec unshare --cgroup "$0" topmost "$@"
    ;;
  topmost)
    each enter "$2/engine" # a group with others below may not have processes
    exec unshare --mount --pid --fork --kill-child --mount-proc --propagation private "$0" inside "$@"
    ;;
  inside)
    each remount
    for folder in /run /opt /var/lib; do mount -n -t tmpfs tmpfs "$folder"; done
    echo ready
    sleep infinity &
    wait # and takes note of the end of each process whose parent has ended
    ;;
  run)
    each enter "$1/engine"
    target=$2
    shift 2
    exec nsenter --target "$target" --mount --pid --cgroup -- "$@"
    ;;
esac
