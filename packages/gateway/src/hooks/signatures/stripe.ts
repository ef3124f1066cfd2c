import { isMac, macOf } from "./mac.ts";
import { isRecent, tooFar } from "./time.ts";
import { refuseSignature, type SignatureVerdict, type SignedCall } from "./types.ts";

/** More fields than a rolled secret makes. */
const maxFields = 32;

/**
 * Stripe's `Stripe-Signature: t=<Unix seconds>,v1=<hex>[,v1=<hex>…]` over `<t>.<body>` (docs.stripe.com, "Verify webhook
 * signatures"): any of the signatures will do, as there are two while a secret is rolled.
 */
export function verifyStripe(
  secret: string,
  { headers, bytes, nowMs }: SignedCall,
  toleranceSeconds: number,
): SignatureVerdict {
  const header = headers.get("stripe-signature");
  if (header === null) return refuseSignature("the header Stripe-Signature is missing");
  const fields = header.split(",", maxFields).map((field) => field.trim().split("=", 2));
  const times = fields.filter(([name]) => name === "t").map(([, value = ""]) => value);
  const [time = ""] = times;
  const recent = times.length === 1 ? isRecent(time, nowMs, toleranceSeconds) : undefined;
  if (recent === undefined) return refuseSignature("the header Stripe-Signature has no time in it");
  const mac = macOf(secret, [`${time}.`, bytes]);
  const isRight = fields
    .filter(([name]) => name === "v1")
    .map(([, value = ""]) => isMac(value, mac))
    .includes(true);
  if (!isRight) return refuseSignature("the signature does not fit the secret and the body");
  if (!recent) return refuseSignature(tooFar(toleranceSeconds));
  return { ok: true, mac: mac.toString("hex") };
}
