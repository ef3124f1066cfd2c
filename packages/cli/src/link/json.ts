/** True for a JSON object. Here because the contract package brings its schemas along, which fast commands must not load. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
