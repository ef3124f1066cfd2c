import type { State } from "../../types.ts";

/**
 * Holds back what was on its way out when the copy was made: it may have gone out since, and nobody here knows. The
 * owner decides; until then it stands as failed.
 * @param madeAt When the copy was made, for a person. @returns what to tell the owner; undefined if nothing waited
 */
export async function holdMessages(
  { outbox }: Pick<State, "outbox">,
  { madeAt, nowMs }: { readonly madeAt: string; readonly nowMs: number },
): Promise<string | undefined> {
  let held = 0;
  for (const status of ["queued", "sending"] as const) {
    for (const { id } of await outbox.withStatus(status)) {
      const lastError = `It was on its way when the restored copy was made (${madeAt}) and may have gone out since: look at the other end, then send it again with cara outbox retry ${id}, or not.`;
      const done = await outbox.change(id, ({ nextAttemptAtMs: _, ...message }) => ({
        ...{ ...message, status: "failed", updatedAtMs: nowMs, lastError, mayHaveGoneOut: true },
      }));
      if (done !== undefined) held += 1;
    }
  }
  if (held === 0) return undefined;
  const messages = held === 1 ? "One message was" : `${held} messages were`;
  return `${messages} on the way out when the copy was made and may have gone out since: cara outbox list --status failed shows them.`;
}
