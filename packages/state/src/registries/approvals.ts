import { createHash } from "node:crypto";
import { once } from "@carapace/protocol";
import { z } from "zod";
import { Records } from "../integrity/records.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import type { ApprovalRepository, ExecApprovals } from "./types.ts";

const recordName = "rules";

export function approvalRecords(deps: SealedDeps): Records<{ text: string }> {
  const schema = once(() => z.object({ text: z.string() }));
  return new Records(deps, { name: "exec approvals", schema, pages: 1 });
}

/** The caller holds the transaction. */
export function storedApprovals(records: Records<{ text: string }>): ExecApprovals | undefined {
  const stored = records.find(recordName);
  return stored === undefined ? undefined : { text: stored.text, hash: hashOf(stored.text) };
}

/** The caller holds the transaction. */
export function storeApprovals(records: Records<{ text: string }>, text: string): ExecApprovals {
  records.save(recordName, { text });
  return { text, hash: hashOf(text) };
}

/** The owner's rules for commands, verbatim (websocket.md §12.8). */
export function createApprovals(deps: SealedDeps): ApprovalRepository {
  const records = approvalRecords(deps);
  return {
    get: async () => deps.connection.read(() => storedApprovals(records)),
    set: async (text) => deps.connection.write(() => storeApprovals(records, text)),
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
