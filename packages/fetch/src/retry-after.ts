const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const weekday = "(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?";
const time = "(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})";
const month = `(?<month>${months.join("|")})`;

/** The three forms of an HTTP date (RFC 9110 §5.6.7): today's, RFC 850's and that of C's `asctime`. */
const dates: readonly RegExp[] = [
  new RegExp(`^${weekday}, (?<day>\\d{2}) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^${weekday}, (?<day>\\d{2})-${month}-(?<year>\\d{2}) ${time} GMT$`),
  new RegExp(`^${weekday} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/**
 * Pure. Reads a `Retry-After` header (RFC 9110 §10.2.3): a date in one of its three forms, or seconds, which some servers
 * give parts of.
 * @returns ms from now, 0 for what is past; undefined if it is none of them
 */
export function readRetryAfter(header: string, nowMs: number): number | undefined {
  const text = header.trim();
  const isSeconds = /^\d{1,15}(\.\d{1,9})?$/.test(text);
  const waitMs = isSeconds ? Math.ceil(Number(text) * 1000) : untilDate(text, nowMs);
  return waitMs === undefined ? undefined : Math.max(waitMs, 0);
}

function untilDate(text: string, nowMs: number): number | undefined {
  for (const form of dates) {
    const found = form.exec(text)?.groups;
    if (found === undefined) continue;
    const [day, hour, minute, second] = [found["day"], found["hour"], found["minute"], found["second"]].map(
      Number,
    );
    const year = fullYear(found["year"] ?? "", nowMs);
    const atMs = Date.UTC(year, months.indexOf(found["month"] ?? ""), day, hour, minute, second);
    return Number.isNaN(atMs) ? undefined : atMs - nowMs;
  }
  return undefined;
}

/** Two digits that look more than 50 years ahead mean the last century (RFC 9110 §5.6.7). */
function fullYear(digits: string, nowMs: number): number {
  if (digits.length === 4) return Number(digits);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = Math.floor(thisYear / 100) * 100 + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
}
