import { isRecord } from "@carapace/protocol";
import { answerOf, field, type Move, type Skill, type ToolAnswer } from "./question.ts";

const asks =
  /^(?:(?:show |what(?:'s| is) )?(?:the |your |system |gateway )*status|how are you(?: doing| today)?|how (?:is|does) the gateway(?: doing| do)?|are you (?:ok|okay|well|alive|running|up|there))$/i;
const maxLines = 16;

/** "Status" */
export const statusSkill: Skill = {
  understand: (text) => (asks.test(text) ? status : undefined),
};

function status(results: readonly ToolAnswer[]): Move {
  const told = answerOf(results, "status_read");
  if (told === undefined) return { use: [{ name: "status_read", input: {} }] };
  const lines = linesOf(field(told, "status"), "").slice(0, maxLines);
  return { say: ["I am up and running.", ...lines.map((line) => `- ${line}`)].join("\n") };
}

function linesOf(value: unknown, path: string): string[] {
  if (isRecord(value)) {
    return Object.entries(value).flatMap(([name, inner]) =>
      linesOf(inner, path === "" ? name : `${path}.${name}`),
    );
  }
  if (Array.isArray(value)) return value.length === 0 ? [] : [`${path}: ${value.length}`];
  if (value === null || path === "") return [];
  if (typeof value === "number" && /ms$/i.test(path))
    return [`${path.replace(/_?ms$/i, "")}: ${duration(value)}`];
  return [`${path}: ${String(value)}`];
}

function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}
