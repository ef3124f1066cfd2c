import { noteLimits } from "@carapace/state";
import { z } from "zod";

/** A note's name, as the state takes it. */
export const NoteKey = limited(noteLimits.maxKeyBytes)
  .min(1)
  .describe("Short name of the note, such as name, birthday or project.alpha");

/** A note's text, as the state takes it. */
export const NoteValue = limited(noteLimits.maxValueBytes);

function limited(maxBytes: number) {
  return z
    .string()
    .max(maxBytes)
    .refine((text) => Buffer.byteLength(text) <= maxBytes, `at most ${maxBytes} bytes`);
}
