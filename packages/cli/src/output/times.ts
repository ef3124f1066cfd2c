const units = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
] as const;

/** `in 3 h`, `2 d ago`, `now`. Pure. */
export function fromNow(atMs: number, nowMs: number): string {
  const gap = Math.abs(atMs - nowMs);
  const [size, unit] = units.find(([ms]) => gap >= ms) ?? [1000, "s"];
  const count = Math.round(gap / size);
  if (count === 0) return "now";
  return atMs > nowMs ? `in ${count} ${unit}` : `${count} ${unit} ago`;
}

/** A length of time in the largest unit that it is a whole number of: `90 min`, `2 h`. Pure. */
export function lengthText(ms: number): string {
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1, "ms"];
  return `${ms / size} ${unit}`;
}

/** `2026-12-01 09:00:00`, in UTC; undefined for a number that is no time. Pure. */
export function utcTime(atMs: number): string | undefined {
  const at = new Date(atMs);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().slice(0, 19).replace("T", " ");
}
