# Sets $bun to the Bun binary that npm installed below $root (one optional package per platform).
# Reads the installed folders instead of asking `uname`: no process is started.
bun=
for candidate in "$root"/node_modules/@oven/bun-*/bin/bun "$root"/../../@oven/bun-*/bin/bun; do
  if [ -x "$candidate" ]; then
    case $candidate in *-musl/*|*-baseline/*) [ -n "$bun" ] || bun=$candidate ;; *) bun=$candidate ;; esac
  fi
done
if [ -z "$bun" ]; then
  echo "Error: the runtime is not installed. Run: npm ci" >&2
  exit 1
fi
# What Bun compiled is kept beside what npm installed, instead of in the user's home; it halves the time to start.
export BUN_RUNTIME_TRANSPILER_CACHE_PATH="$root/node_modules/.cache/bun"
