import { ok, type Result, refuse } from "@carapace/protocol";

const aliases: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

interface Field {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for its numbers, from `min` on. */
  readonly words?: readonly string[];
}

const fields: readonly Field[] = [
  { name: "minute", min: 0, max: 59 },
  { name: "hour", min: 0, max: 23 },
  { name: "day of month", min: 1, max: 31 },
  {
    ...{ name: "month", min: 1, max: 12 },
    words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  {
    ...{ name: "day of week", min: 0, max: 7 },
    words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
  },
];

const maxStep = 64;

/**
 * Reads a cron expression into its stored form (agent.md §13): five fields of numbers, `*`, ranges, lists and steps;
 * aliases and the English names of days and months become numbers. Pure.
 */
export function readExpression(text: string): Result<string> {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "@reboot")
    return invalid("@reboot is not a time; use a hook, or a job that your system starts");
  const parts = (aliases[trimmed] ?? trimmed).split(/\s+/);
  if (parts.length !== fields.length)
    return invalid(`it must have 5 fields (minute hour day month weekday), not ${parts.length}`);
  const read: string[] = [];
  for (const [index, field] of fields.entries()) {
    const items = (parts[index] ?? "").split(",").map((item) => readItem(item, field));
    const wrong = items.find((item) => !item.ok);
    if (wrong !== undefined) return wrong;
    read.push(items.flatMap((item) => (item.ok ? [item.value] : [])).join(","));
  }
  return ok(read.join(" "));
}

/** `*`, `n` or `a-b`, each with `/step`. */
function readItem(item: string, field: Field): Result<string> {
  const { name, min, max } = field;
  const parts = /^(?:(\*)|([a-z]+|\d{1,2})(?:-([a-z]+|\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(item);
  if (parts === null) return invalid(`"${item.slice(0, 32)}" is no ${name}`);
  const [, star, first, last, step] = parts;
  if (step !== undefined && (Number(step) < 1 || Number(step) > maxStep))
    return invalid(`the step of "${item}" must be 1 to ${maxStep}`);
  const suffix = step === undefined ? "" : `/${Number(step)}`;
  if (star !== undefined) return ok(`*${suffix}`);
  const [from, to] = [numberOf(first, field), last === undefined ? undefined : numberOf(last, field)];
  if (from === undefined || (last !== undefined && to === undefined))
    return invalid(`"${item}" is no ${name}: ${min} to ${max}`);
  if (to === undefined) return ok(`${from}${suffix}`);
  return to < from ? invalid(`the range "${item}" ends before it begins`) : ok(`${from}-${to}${suffix}`);
}

function numberOf(text: string | undefined, { min, max, words = [] }: Field): number | undefined {
  if (text === undefined) return undefined;
  const word = words.indexOf(text);
  const value = word >= 0 ? word + min : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** The same times in the form that the library takes: it knows no step beyond a field's end. Pure. */
export function forLibrary(expression: string): string {
  const parts = expression.split(" ").map((part, index) => {
    const field = fields[index];
    if (field === undefined) return part;
    return part
      .split(",")
      .map((item) => plainItem(item, field))
      .join(",");
  });
  return parts.join(" ");
}

function plainItem(item: string, { min, max, name }: Field): string {
  const [range = "", step] = item.split("/");
  if (step === undefined) return item;
  // 7 is Sunday again only where it is written.
  const top = name === "day of week" ? 6 : max;
  const [from, to] = range === "*" ? [min, top] : range.split("-").map(Number);
  const first = from ?? min;
  const last = to ?? Math.max(first, top);
  return Number(step) > last - first ? String(first) : `${first}-${last}/${step}`;
}

function invalid(why: string): Result<never> {
  return refuse("invalid_request", `invalid cron expression: ${why}`);
}
