/** Where it happened. */
export interface CrashSite {
  readonly version: string;
  readonly platform: string;
  readonly arch: string;
  /** Version of Bun. */
  readonly runtime: string;
  /** Takes secrets out of a text. Asked before anything is cut: half a secret is not recognised. */
  readonly clean: (text: string) => string;
}

const maxMessage = 300;
const maxFrames = 3;

/**
 * Pure. What a person is told when the program itself failed: a stable code, the first line of the fault, where in our
 * own files it was, and what to do. No environment, no arguments, no source, no value the fault carries, no secret.
 */
export function crashReport(fault: unknown, site: CrashSite): string {
  const { version, platform, arch, runtime, clean } = site;
  return [
    `Error: cara crashed (internal_fault): ${sentenceOf(fault, clean)}`,
    ...framesOf(fault).map((frame) => `  at ${frame}`),
    `  cara ${version}, bun ${runtime}, ${platform} ${arch}`,
    "What was stored is safe; start it again. If it comes back, `cara support` writes a report without secrets to send.",
  ].join("\n");
}

/** A thrown object may carry anything: only errors are quoted, by their name and message. */
function sentenceOf(fault: unknown, clean: CrashSite["clean"]): string {
  if (typeof fault === "string") return firstLine(clean(fault));
  if (!(fault instanceof Error)) return `something was thrown that is no error (${typeof fault})`;
  return `${firstLine(clean(fault.name))}: ${firstLine(clean(fault.message)) || "without a message"}`;
}

function firstLine(text: string): string {
  const line = text.trim().split("\n", 1)[0]?.trim() ?? "";
  return line.length > maxMessage ? `${line.slice(0, maxMessage)}…` : line;
}

/** Our own files only, from their package on: a home directory says who somebody is. */
function framesOf(fault: unknown): string[] {
  const stack = fault instanceof Error && typeof fault.stack === "string" ? fault.stack : "";
  const frames = stack.matchAll(/\b(packages\/[a-z-]{1,32}\/src\/[\w./-]{1,160}:\d{1,6})\b/g);
  return [...new Set([...frames].map(([, frame = ""]) => frame))].slice(0, maxFrames);
}
