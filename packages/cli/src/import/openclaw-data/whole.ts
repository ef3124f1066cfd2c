/** Whether a value of the source is a number that can be a time, a count or an interval. */
export function isWhole(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}
