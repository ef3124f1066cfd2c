import { createHash } from "node:crypto";
import { Documents } from "../integrity/documents.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type AnswerClaim, type AnswerRepository, type KeptAnswer, keptAnswer } from "./types.ts";

export function answerDocuments(deps: SealedDeps): Documents<KeptAnswer> {
  return new Documents(deps, { table: "answers", name: "kept answer", schema: keptAnswer, pages: 64 });
}

/** Answers to calls that must not be carried out twice. */
export function createAnswers(deps: SealedDeps): AnswerRepository {
  const { connection } = deps;
  const answers = answerDocuments(deps);
  return {
    claim: async (scope, key, { digest, nowMs, ttlMs }) =>
      connection.write((): AnswerClaim => {
        const id = idOf(scope, key);
        const known = answers.find(id);
        if (known === undefined || known.expiresAtMs <= nowMs) {
          answers.save(id, { id, digest, expiresAtMs: nowMs + ttlMs });
          return { kind: "first" };
        }
        if (known.digest !== digest) return { kind: "mismatch" };
        return known.answer === undefined ? { kind: "pending" } : { kind: "known", answer: known.answer };
      }),
    settle: async (scope, key, answer) =>
      connection.write(() => {
        const id = idOf(scope, key);
        const known = answers.find(id);
        if (known !== undefined) answers.save(id, { ...known, answer: { body: undefined, ...answer } });
      }),
    release: async (scope, key) => connection.write(() => void answers.remove(idOf(scope, key))),
    prune: async (nowMs) =>
      connection.write(() => {
        const old = answers.select({ where: "expires_at <= ? LIMIT 500", values: [nowMs] });
        for (const { id } of old) answers.remove(id);
        return old.length;
      }),
  };
}

function idOf(scope: string, key: string): string {
  return createHash("sha256")
    .update(JSON.stringify([scope, key]))
    .digest("hex");
}
