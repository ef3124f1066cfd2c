const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** `90s`, `30m`, `2h`, `1d`, `1w`, or several of them: `1h30m`. @returns ms above 0; undefined if it is none */
export function readDuration(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (!/^(\d{1,9}\s*[smhdw]\s*)+$/.test(trimmed)) return undefined;
  let ms = 0;
  for (const [, count, unit] of trimmed.matchAll(/(\d+)\s*([smhdw])/g)) {
    if (unit === "s" || unit === "m" || unit === "h" || unit === "d" || unit === "w")
      ms += Number(count) * units[unit];
  }
  return ms > 0 && Number.isSafeInteger(ms) ? ms : undefined;
}

export const durationSay = "a length of time is written like 90s, 30m, 2h, 1d or 1h30m";

/**
 * A moment: `2026-12-01 09:00` by the clock of a zone (this machine's without one), the same with `Z` or an offset, or
 * `in 20m`. @returns Unix ms; undefined if it is none
 */
export function readMoment(
  text: string,
  { nowMs, zone }: { readonly nowMs: number; readonly zone: string | undefined },
): number | undefined {
  const trimmed = text.trim();
  const later = /^in\s+(.*)$/i.exec(trimmed)?.[1];
  if (later !== undefined) {
    const ms = readDuration(later);
    return ms === undefined ? undefined : nowMs + ms;
  }
  const parts = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{1,2}:\d{2}(?::\d{2})?))?\s*(Z|[+-]\d{2}:\d{2})?$/i.exec(
    trimmed,
  );
  if (parts === null) return undefined;
  const [, day, time = "00:00", offset] = parts;
  const written = `${day}T${time.replace(/^(\d):/, "0$1:")}`;
  const at = Date.parse(`${written}${offset?.toUpperCase() ?? "Z"}`);
  if (Number.isNaN(at)) return undefined;
  return offset === undefined ? inZone(at, zone) : at;
}

/** The instant at which a zone's clock shows what is written as if it were UTC; undefined where it never does. */
function inZone(wallMs: number, zone: string | undefined): number | undefined {
  const ahead = aheadOf(zone);
  if (ahead === undefined) return undefined;
  const dayMs = 86_400_000;
  const instants = [ahead(wallMs - dayMs), ahead(wallMs + dayMs)]
    .map((offset) => wallMs - offset)
    .filter((at) => at + ahead(at) === wallMs);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

function aheadOf(zone: string | undefined): ((at: number) => number) | undefined {
  try {
    const format = new Intl.DateTimeFormat("en-US-u-hc-h23", {
      ...{ timeZone: zone, year: "numeric", month: "numeric", day: "numeric" },
      ...{ hour: "numeric", minute: "numeric", second: "numeric" },
    });
    return (at) => {
      const fields: Record<string, number> = {};
      for (const { type, value } of format.formatToParts(at)) fields[type] = Number(value);
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
    };
  } catch {
    return undefined;
  }
}

/** Whether this machine knows a zone of that name. */
export function isZone(name: string): boolean {
  return aheadOf(name) !== undefined;
}

/** The zone of this machine's clock. */
export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}
