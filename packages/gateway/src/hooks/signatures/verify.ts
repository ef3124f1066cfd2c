import type { Mapping } from "../mappings/resolve.ts";
import { verifyGithub } from "./github.ts";
import { verifyHmac } from "./hmac.ts";
import { verifyStripe } from "./stripe.ts";
import { defaultToleranceSeconds } from "./time.ts";
import { refuseSignature, type SignatureVerdict, type SignedCall } from "./types.ts";

export type MappingAuth = NonNullable<Mapping["auth"]>;

/** Whether a mapping proves its sender by a signature; one whose `auth` nobody understands does, and it never fits. */
export function isSigned({ auth }: Pick<Mapping, "auth">): boolean {
  return auth !== undefined && auth.kind !== "token";
}

/** Judges a call's signature (http.md §8.4 *Better*). Pure; never throws, whatever the headers and the body hold. */
export function verifySignature(auth: MappingAuth, call: SignedCall): SignatureVerdict {
  const secret = auth.secret?.reveal();
  if (secret === undefined) return refuseSignature("its mapping has no secret yet");
  const toleranceSeconds = auth.toleranceSeconds ?? defaultToleranceSeconds;
  switch (auth.kind) {
    case "github":
      return verifyGithub(secret, call);
    case "stripe":
      return verifyStripe(secret, call, toleranceSeconds);
    case "hmac":
      return verifyHmac({ ...schemeOf(auth), secret, toleranceSeconds }, call);
    default:
      return refuseSignature("its mapping does not say how it is signed");
  }
}

function schemeOf(auth: MappingAuth) {
  const { header = "", algorithm = "sha256", encoding = "hex", prefix = "", timestampHeader } = auth;
  const signed = auth.signed ?? (timestampHeader === undefined ? "{body}" : "{timestamp}.{body}");
  return { header, algorithm, encoding, prefix, timestampHeader, signed };
}
