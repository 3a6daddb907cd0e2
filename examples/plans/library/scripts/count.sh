#!/bin/sh
# Counts words and lines of one file, as wc does. Usage: count.sh FILE OUT
set -eu
words=$(wc -w < "$1")
lines=$(wc -l < "$1")
printf '{"words": %d, "lines": %d}\n' "$words" "$lines" > "$2"
