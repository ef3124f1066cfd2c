import { isMac, type MacAlgorithm, type MacEncoding, macOf } from "./mac.ts";
import { isRecent, tooFar } from "./time.ts";
import { refuseSignature, type SignatureVerdict, type SignedCall } from "./types.ts";

/** A signature in the manner of most services: Slack, Shopify, GitLab's newer ones, one's own. */
export interface HmacScheme {
  readonly secret: string;
  /** Name of the header with the signature. */
  readonly header: string;
  readonly algorithm: MacAlgorithm;
  readonly encoding: MacEncoding;
  /** What stands before it in its header. */
  readonly prefix: string;
  /** Name of the header with the time of signing, in Unix seconds. */
  readonly timestampHeader?: string | undefined;
  /** What is signed: `{body}` and, with a time, `{timestamp}` in it, each once. */
  readonly signed: string;
  readonly toleranceSeconds: number;
}

export function verifyHmac(scheme: HmacScheme, { headers, bytes, nowMs }: SignedCall): SignatureVerdict {
  const header = readHeader(headers, scheme.header);
  if (header === undefined) return refuseSignature(`the header ${scheme.header} is missing`);
  const { timestampHeader, toleranceSeconds } = scheme;
  const time = timestampHeader === undefined ? "" : readHeader(headers, timestampHeader);
  const recent = timestampHeader === undefined ? true : isRecent(time ?? "", nowMs, toleranceSeconds);
  if (time === undefined || recent === undefined)
    return refuseSignature(`the header ${timestampHeader ?? ""} has no time in it`);
  const parts = signedParts(scheme, time, bytes);
  if (parts === undefined) return refuseSignature("what is signed is not configured rightly");
  const mac = macOf(scheme.secret, parts, scheme.algorithm);
  const isRight =
    header.startsWith(scheme.prefix) && isMac(header.slice(scheme.prefix.length), mac, scheme.encoding);
  if (!isRight) return refuseSignature("the signature does not fit the secret and the body");
  if (!recent) return refuseSignature(tooFar(toleranceSeconds));
  return { ok: true, mac: mac.toString("hex") };
}

function readHeader(headers: SignedCall["headers"], name: string): string | undefined {
  try {
    return headers.get(name)?.trim() || undefined;
  } catch {
    // No name of a header: whoever wrote it into the configuration is told by the refusal.
    return undefined;
  }
}

/** @returns undefined for a text that leaves out the body, or the time there is */
function signedParts(
  { signed, timestampHeader }: HmacScheme,
  time: string,
  bytes: Uint8Array,
): (string | Uint8Array)[] | undefined {
  const [before, after, more] = signed.split("{body}");
  if (before === undefined || after === undefined || more !== undefined) return undefined;
  const hasTime = signed.split("{timestamp}").length === 2;
  if (hasTime !== (timestampHeader !== undefined)) return undefined;
  return [before.replace("{timestamp}", time), bytes, after.replace("{timestamp}", time)];
}
