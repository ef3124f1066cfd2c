import { createHash } from "node:crypto";

/**
 * Pure. A UUID that stands for a thing of the source: the same parts always give the same one, so that nothing comes in
 * twice, wherever the source lies by then.
 */
export function stableId(...parts: readonly string[]): string {
  const bytes = createHash("sha256")
    .update(JSON.stringify(["openclaw", ...parts]))
    .digest()
    .subarray(0, 16);
  // Version 8 (made by a rule of its own), variant 1 (RFC 9562 §5.8).
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
