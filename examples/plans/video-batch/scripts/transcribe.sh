# Stands in for a transcription program: takes memory of its card, works for a while, writes what was "said".
# Usage: transcribe.sh ID SECONDS MEMORY_MB TARGET
set -eu
id=$1 seconds=$2 memory_mb=$3 target=$4

# On a simulated card this is what the card shows as held by this program; on any other there is no such file.
hold() { if [ -n "${DROVER_SIMULATED_MEMORY_FILE:-}" ]; then echo "$1" > "$DROVER_SIMULATED_MEMORY_FILE"; fi; }

hold "$memory_mb"
sleep "$seconds"
mkdir -p "$(dirname "$target")"
printf 'Recording %s. The speaker explains the work of the day, step by step, and thanks everybody.\n' "$id" > "$target.part"
mv "$target.part" "$target"
hold 0
