/** The pictures that models take (http.md §14). */
export type PictureMime = "image/jpeg" | "image/png" | "image/gif" | "image/webp";

/** How many bytes have to be there for `pictureKind` to tell. */
export const signatureBytes = 12;

/**
 * Pure. What a file is by its first bytes; what its sender or its name says does not count.
 * @returns undefined if it is none of the pictures that are taken
 */
export function pictureKind(head: Uint8Array): PictureMime | undefined {
  const text = Buffer.from(head.subarray(0, signatureBytes)).toString("latin1");
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (text.startsWith("GIF87a") || text.startsWith("GIF89a")) return "image/gif";
  return text.startsWith("RIFF") && text.slice(8, 12) === "WEBP" ? "image/webp" : undefined;
}
