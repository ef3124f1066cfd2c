import { Block, Role, RunId } from "@carapace/protocol";
import { z } from "zod";
import type { NewMessage } from "../types.ts";

/** A message as it stands in a JSON document: the input of a run, a message of an archive. */
export const StoredMessage = z
  .object({
    id: z.string(),
    role: Role,
    blocks: z.array(Block),
    createdAtMs: z.number(),
    runId: RunId.optional(),
    tokens: z.number().optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  })
  .transform(
    ({ runId, tokens, metadata, ...message }): NewMessage => ({
      ...message,
      ...(runId === undefined ? {} : { runId }),
      ...(tokens === undefined ? {} : { tokens }),
      ...(metadata === undefined ? {} : { metadata }),
    }),
  );
