/** True for a zone the runtime knows (IANA name, or UTC). */
export function isZone(timezone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: timezone });
    return true;
  } catch {
    return false;
  }
}

/** Pure. A moment on a zone's clocks, as `2026-11-22T13:05:00+01:00`. */
export function zonedIso(nowMs: number, timezone: string): string {
  const formatter = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "longOffset",
  });
  const part = new Map(formatter.formatToParts(nowMs).map(({ type, value }) => [type, value]));
  const offset = (part.get("timeZoneName") ?? "GMT").replace("GMT", "") || "+00:00";
  const day = `${part.get("year")}-${part.get("month")}-${part.get("day")}`;
  return `${day}T${part.get("hour")}:${part.get("minute")}:${part.get("second")}${offset}`;
}

/** Pure. The day's name in English. */
export function weekday(nowMs: number, timezone: string): string {
  return new Intl.DateTimeFormat("en", { timeZone: timezone, weekday: "long" }).format(nowMs);
}
