import type { Json } from "@carapace/protocol";

/** Says what is wrong with a value, if anything is. @param hooksPath Where webhooks are mounted */
type Judge = (value: Json, hooksPath: string) => string | undefined;

/** The only keys that may be written over HTTP (http.md §12.3), and what they take. */
export const writableKeys: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  [
    "gateway.controlUi.enabled",
    (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
  ],
  ["gateway.controlUi.basePath", judgeBasePath],
]);

const maxPathChars = 200;
/** First steps of paths that something else answers. */
const taken: ReadonlySet<string> = new Set([
  ...["channels", "control", "health", "metrics", "openapi.json", "plugins", "tools", "v1", "ws"],
]);

function judgeBasePath(value: Json, hooksPath: string): string | undefined {
  if (typeof value !== "string") return "must be a text, such as /ui";
  if (value.length > maxPathChars) return `must have at most ${maxPathChars} characters`;
  if (value === "" || value === "/") return undefined;
  const steps = stepsOf(value);
  if (!steps.every((step) => /^[\w~.-]+$/.test(step) && !/^\.+$/.test(step)))
    return "must be a plain path, such as /ui or /my/ui";
  const [first = ""] = steps;
  if (!taken.has(first) && !overlap(steps, stepsOf(hooksPath.trim()))) return undefined;
  return `/${steps.join("/")} is answered by something else; take another path, such as /ui`;
}

/** Whether one of two paths lies below the other, or they are the same. */
function overlap(one: readonly string[], other: readonly string[]): boolean {
  return one.every((step, at) => at >= other.length || step === other[at]);
}

/** Without the slash in front and one at the end. */
function stepsOf(path: string): string[] {
  return path.replace(/^\//, "").replace(/\/$/, "").split("/");
}
