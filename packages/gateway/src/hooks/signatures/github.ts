import { isMac, macOf } from "./mac.ts";
import { refuseSignature, type SignatureVerdict, type SignedCall } from "./types.ts";

/** GitHub's `X-Hub-Signature-256: sha256=<hex>` over the body (docs.github.com, "Validating webhook deliveries"). */
export function verifyGithub(secret: string, { headers, bytes }: SignedCall): SignatureVerdict {
  const header = headers.get("x-hub-signature-256");
  if (header === null) return refuseSignature("the header X-Hub-Signature-256 is missing");
  const mac = macOf(secret, [bytes]);
  const isRight = header.startsWith("sha256=") && isMac(header.slice("sha256=".length), mac);
  if (!isRight) return refuseSignature("the signature does not fit the secret and the body");
  return { ok: true, mac: mac.toString("hex") };
}
