import { z } from "zod";

/**
 * Where a piece of text came from (design: *Labels*). The label is set once, where the text enters, and travels
 * with it through context, history and memory; code decides from it, never a model.
 */
export const OriginKind = z.enum([
  "owner", // typed by the owner: CLI, paired device
  "system", // written by this program: notices, summaries' frames
  "model", // written by a language model
  "tool", // computed by one of our own tools from trusted input only
  "memory", // read back from the assistant's memory; `from` says who put it there
  "peer", // somebody on a channel who is not the owner
  "web",
  "file",
  "plugin",
  "hook",
  "imported",
]);
export type OriginKind = z.infer<typeof OriginKind>;

export const Origin = z.object({
  kind: OriginKind,
  /** Which one: a device id, a tool name, a host, a file, a session key. */
  ref: z.string().max(255).optional(),
  /** Kinds whose text went into this one (a summary, a stored memory, a search result). */
  from: z.array(OriginKind).optional(),
});
export type Origin = z.infer<typeof Origin>;

const trusted: ReadonlySet<OriginKind> = new Set(["owner", "system", "model", "tool", "memory"]);

/** True if no text of an untrusted kind went into it. Model text alone is neutral: it inherits from its context. */
export function isTrusted(origin: Origin): boolean {
  return trusted.has(origin.kind) && (origin.from ?? []).every((kind) => trusted.has(kind));
}

/** The label of text made from several labelled pieces: `kind`, and every other kind that went into it. */
export function mixOrigins(kind: OriginKind, sources: readonly Origin[], ref?: string): Origin {
  const from = new Set<OriginKind>();
  for (const source of sources) {
    from.add(source.kind);
    for (const inner of source.from ?? []) from.add(inner);
  }
  from.delete(kind);
  return {
    kind,
    ...(ref === undefined ? {} : { ref }),
    ...(from.size > 0 ? { from: [...from].sort() } : {}),
  };
}
