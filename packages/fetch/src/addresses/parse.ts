import { isIPv6 } from "node:net";

/** An IP address as its 4 or 16 bytes. */
export type AddressBytes = Uint8Array;

/** A range of addresses: those whose first `bits` bits are those of `base`. */
export interface AddressRange {
  readonly base: AddressBytes;
  readonly bits: number;
}

/**
 * Reads an IP address in the spelling that `URL` and the resolver use; IPv6 without brackets.
 * @returns undefined for everything else: octal and short forms of IPv4 (`URL` has normalised them), zone ids, names.
 */
export function parseAddress(text: string): AddressBytes | undefined {
  return parseIPv4(text) ?? parseIPv6(text);
}

/** Reads `10.0.0.0/8` or `fc00::/7`; a bare address is a range of one. @returns undefined if it is neither */
export function parseRange(text: string): AddressRange | undefined {
  const [address = "", bits, ...rest] = text.split("/");
  const base = parseAddress(address);
  if (base === undefined || rest.length > 0) return undefined;
  const all = base.length * 8;
  if (bits === undefined) return { base, bits: all };
  if (!/^(?:0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > all) return undefined;
  return { base, bits: Number(bits) };
}

/** Whether an address stands in a range of its own family. */
export function isInRange(address: AddressBytes, { base, bits }: AddressRange): boolean {
  if (address.length !== base.length) return false;
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) if (address[index] !== base[index]) return false;
  const rest = bits & 7;
  if (rest === 0) return true;
  const mask = (0xff << (8 - rest)) & 0xff;
  return ((address[whole] ?? 0) & mask) === ((base[whole] ?? 0) & mask);
}

function parseIPv4(text: string): AddressBytes | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? Uint8Array.from(bytes) : undefined;
}

function parseIPv6(text: string): AddressBytes | undefined {
  if (text.includes("%") || !isIPv6(text)) return undefined;
  const [head = "", tail] = withoutDots(text).split("::");
  const first = words(head);
  const last = words(tail ?? "");
  const gap = tail === undefined ? 0 : 8 - first.length - last.length;
  const all = [...first, ...Array<number>(gap).fill(0), ...last];
  return Uint8Array.from(all.flatMap((word) => [word >> 8, word & 0xff]));
}

/** `::ffff:1.2.3.4` with its last part as two words. */
function withoutDots(text: string): string {
  const start = text.lastIndexOf(":") + 1;
  const [a = 0, b = 0, c = 0, d = 0] = parseIPv4(text.slice(start)) ?? [];
  if (!text.includes(".")) return text;
  return `${text.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function words(part: string): number[] {
  return part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16));
}
