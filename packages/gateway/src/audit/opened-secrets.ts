import { isRecord } from "@carapace/protocol";

/** How many sealed values of a configuration file were opened: sealed where it was written, a text where it was read. */
export function countOpened(written: unknown, read: unknown): number {
  if (typeof written === "string") return written.startsWith("enc:v") && typeof read === "string" ? 1 : 0;
  if (Array.isArray(written)) {
    const items: readonly unknown[] = Array.isArray(read) ? read : [];
    return written.reduce<number>((sum, item, at) => sum + countOpened(item, items[at]), 0);
  }
  if (!isRecord(written) || !isRecord(read)) return 0;
  return Object.entries(written).reduce((sum, [name, item]) => sum + countOpened(item, read[name]), 0);
}
