import { isRecord } from "@carapace/protocol";
import { plainText } from "./plain-text.ts";
import { answerOf, field, type Move, type Skill, type ToolAnswer } from "./question.ts";

const places = "(?:sessions?|conversations?|chats?|history|messages?)";
const asks = [
  new RegExp(
    `^(?:search|look)(?: in| through)?(?: all)?(?: my| our| the)?(?: old| past| earlier)? ${places} (?:for|about) (.+)$`,
    "i",
  ),
  new RegExp(
    `^(?:find|search(?: for)?|look for) (.+?) in (?:all )?(?:my |our |the )?(?:old |past |earlier )?${places}$`,
    "i",
  ),
  /^(?:search for|search|find|look up) (.+)$/i,
  /^(?:what did|when did|did) (?:i|we|you) (?:say|talk|write|ask|speak|mention)(?: about| of| you about)? (.+)$/i,
];

/** "Search my sessions for lisbon." */
export const searchSkill: Skill = {
  understand(text) {
    const found = asks.map((pattern) => pattern.exec(text)?.[1]).find((query) => query !== undefined);
    const query = found?.replace(/^["']|["']$/g, "").trim();
    return query ? (results) => search(query, results) : undefined;
  },
};

function search(query: string, results: readonly ToolAnswer[]): Move {
  const found = answerOf(results, "session_search");
  if (found === undefined)
    return { use: [{ name: "session_search", input: { query: wider(query), limit: 20 } }] };
  const hits = field(found, "hits");
  const lines = (Array.isArray(hits) ? hits : [])
    .filter(isRecord)
    .filter(isWorthShowing)
    .slice(0, 8)
    .map(line);
  if (lines.length === 0) return { say: `I found nothing about "${query}" in our conversations.` };
  return { say: `I found this about "${query}":\n${lines.join("\n")}` };
}

/** "cats" finds cat and cats: a word stands for all that begin like it, without its plural s. */
function wider(query: string): string {
  return query.replace(/\p{L}{3,}/gu, (word) => `${word.length > 3 ? word.replace(/s$/i, "") : word}*`);
}

/** The search itself and its earlier answers hold the words too. */
function isWorthShowing(hit: Record<string, unknown>): boolean {
  const snippet = String(hit["snippet"]);
  if (hit["role"] === "tool") return false;
  if (hit["role"] === "assistant") return !/^I found (?:this|nothing) about "/.test(snippet);
  return searchSkill.understand(plainText(snippet)) === undefined;
}

function line(hit: Record<string, unknown>): string {
  const atMs = hit["created_at"];
  const day = typeof atMs === "number" ? new Date(atMs).toISOString().slice(0, 10) : "";
  const who = hit["role"] === "user" ? "you" : "I";
  return `- ${day} ${who}: ${String(hit["snippet"]).replace(/\s+/g, " ")}`;
}
