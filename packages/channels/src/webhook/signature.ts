import { createHmac } from "node:crypto";

export interface SignedBody {
  /** Unix seconds, as the header `X-Carapace-Timestamp` has it. */
  readonly timestamp: string;
  readonly body: string;
}

/** The header `X-Carapace-Signature`: HMAC-SHA256 over timestamp, a dot and the body's bytes, in hex. */
export function signatureOf({ timestamp, body }: SignedBody, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex")}`;
}
