import { z } from "zod";

/** A note's name: at most 1024 bytes (agent.md §9.2). */
export const NoteKey = z
  .string()
  .min(1)
  .max(1024)
  .refine((key) => Buffer.byteLength(key) <= 1024, "at most 1024 bytes")
  .describe("Short name of the note, such as name, birthday or project.alpha");

/** A note's text: at most 65,536 bytes (agent.md §9.2). */
export const NoteValue = z
  .string()
  .max(65_536)
  .refine((value) => Buffer.byteLength(value) <= 65_536, "at most 65536 bytes");
