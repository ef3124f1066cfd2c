const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `30m`, `12h`, `7d`, or a date. @returns Unix ms; undefined if it is neither */
export function readSince(text: string, nowMs: number): number | undefined {
  const ago = /^(\d{1,6})([mhd])$/.exec(text.trim());
  const unit = ago?.[2];
  if (unit === "m" || unit === "h" || unit === "d")
    return Math.max(0, nowMs - Number(ago?.[1]) * units[unit]);
  const at = Date.parse(text);
  return Number.isNaN(at) || !/^\d{4}-/.test(text) ? undefined : Math.max(0, at);
}

export const sinceSay = "--since must be a time like 30m, 12h, 7d, 2026-01-31 or 2026-01-31T12:00:00Z";
