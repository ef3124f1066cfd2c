/** A path as issues write it: `.gateway.port`, `.agents.list[0].model`, root `""` (config.md §8). */
export function issuePath(path: readonly (string | number)[]): string {
  return path.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
}

/** A path as `config get` takes it: `agents.list[0].model`. */
export function dottedPath(path: readonly (string | number)[]): string {
  return issuePath(path).replace(/^\./, "");
}
