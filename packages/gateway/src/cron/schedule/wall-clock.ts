/** How far a zone's wall clock is ahead of UTC at an instant, in ms. */
export type Offset = (atMs: number) => number;

const dayMs = 86_400_000;

/** Makes the offset of an IANA zone; undefined for a name that is none. */
export function offsetOf(zone: string): Offset | undefined {
  if (zone === "UTC") return () => 0;
  const format = formatOf(zone);
  if (format === undefined) return undefined;
  return (atMs) => {
    const wholeMs = Math.floor(atMs / 1000) * 1000;
    const fields: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(wholeMs)) fields[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
    return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US-u-hc-h23", {
      ...{ timeZone, year: "numeric", month: "numeric", day: "numeric" },
      ...{ hour: "numeric", minute: "numeric", second: "numeric" },
    });
  } catch {
    return undefined;
  }
}

/**
 * The instant at which a zone's clock first shows this time, the time being written as if it were UTC. Undefined for
 * one that a change to summer time skips; of two, the earlier. Pure.
 */
export function instantOf(wallMs: number, offset: Offset): number | undefined {
  const around = [offset(wallMs - dayMs), offset(wallMs + dayMs)];
  const instants = around.map((ahead) => wallMs - ahead).filter((at) => at + offset(at) === wallMs);
  return instants.length === 0 ? undefined : Math.min(...instants);
}
