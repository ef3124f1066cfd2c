const signatures: readonly (readonly [mime: string, hex: RegExp])[] = [
  ["image/png", /^89504e470d0a1a0a/],
  ["image/jpeg", /^ffd8ff/],
  ["image/gif", /^47494638(37|39)61/],
  ["image/webp", /^52494646.{8}57454250/],
  ["application/pdf", /^255044462d/],
];

/** Pure. What a file's first bytes say it is; a text if they say nothing and all of it is UTF-8 without a NUL. */
export function sniff(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 16)).toString("hex");
  const known = signatures.find(([, pattern]) => pattern.test(head));
  if (known !== undefined) return known[0];
  return textOfBytes(bytes) === undefined ? undefined : "text/plain";
}

/** Pure. @returns undefined if it is no text */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
