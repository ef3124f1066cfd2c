import { type State, StateError } from "@carapace/state";

/** The whole of a stored file. @returns undefined if it is over, gone, or was changed outside of this program */
export async function readMedia(
  id: string,
  { media, nowMs }: { readonly media: State["media"]; readonly nowMs: () => number },
): Promise<Uint8Array | undefined> {
  const found = await media.open(id, nowMs());
  if (found === undefined) return undefined;
  try {
    const parts: Uint8Array[] = [];
    for await (const part of found.bytes) parts.push(part);
    return Buffer.concat(parts);
  } catch (error) {
    if (error instanceof StateError) return undefined;
    throw error;
  }
}
