import { Origin } from "@carapace/protocol";
import { z } from "zod";

/** Where the labels and times of notes stand, which the reference's map of texts has no place for. */
export const noteFactsPath = "memory/.carapace-notes";

const NoteFacts = z.object({
  origin: Origin,
  updatedAtMs: z.number(),
});

/** Agent by agent, in lists: keys are any text. */
export const NotesFile = z.object({
  version: z.literal(1),
  agents: z.array(
    z.object({
      /** The file that holds the texts. */
      path: z.string(),
      agentId: z.string().min(1),
      notes: z.array(z.tuple([z.string(), NoteFacts])),
    }),
  ),
});
export type NotesFile = z.infer<typeof NotesFile>;
