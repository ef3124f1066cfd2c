import { parseKey } from "../key-path.ts";

/**
 * Whether no write over the wire may touch a key because it, or a key above it, is protected (config.md §10). What is
 * no key at all is not.
 */
export async function isProtectedKey(key: string): Promise<boolean> {
  const steps = parseKey(key);
  if (!steps) return false;
  const { guardedKeys } = await import("../schema/guarded.ts");
  return guardedKeys().protected.some(
    (pattern) =>
      pattern.length <= steps.length &&
      pattern.every((step, index) => step === "*" || step === String(steps[index])),
  );
}
