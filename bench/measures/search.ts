import { SessionKey } from "@carapace/protocol";
import { temporaryState } from "@carapace/state/testing";
import type { Measure } from "../figure.ts";

const words =
  "river stone market letter garden winter engine paper window silver candle forest bridge number summer island orange planet rabbit secret thunder violet wagon yellow zebra".split(
    " ",
  );

/** Full-text search over 100,000 stored messages, rare and common words alike. */
export const measure: Measure = async ({ short }) => {
  await using temporary = await temporaryState();
  const { sessions } = temporary.state;
  for (let s = 0; s < 100; s += 1) {
    const session = await sessions.upsert(SessionKey.parse(`bench-${s}`), {}, s);
    const messages = Array.from({ length: 1_000 }, (_, m) => ({
      id: crypto.randomUUID(),
      role: "user" as const,
      blocks: [{ type: "text" as const, text: sentence(s * 1_000 + m), origin: { kind: "owner" as const } }],
      createdAtMs: s * 1_000 + m,
    }));
    await sessions.append(session.id, messages);
  }
  const queries = ["needle77", "river stone", "the", "gard*", "secret thunder violet"];
  const samples: number[] = [];
  for (let round = 0; round < (short ? 4 : 20); round += 1) {
    for (const query of queries) {
      const startedAt = performance.now();
      await sessions.search(query, { limit: 20 });
      samples.push(performance.now() - startedAt);
    }
  }
  return [{ name: "search over 100,000 messages", unit: "ms", samples, limit: 50, bound: "most" }];
};

function sentence(n: number): string {
  const pick = (step: number): string => words[(n * step + step) % words.length] ?? "";
  return `the ${pick(7)} and the ${pick(11)} of ${pick(13)} ${n % 997 === 0 ? `needle${n / 997}` : pick(17)} in ${pick(19)} ${n}`;
}
