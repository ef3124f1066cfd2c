import { join } from "node:path";
import { systemStateKeys } from "@carapace/state";
import type { Place } from "../../../closed-state/place.ts";

/** When tests import: after anything their sources hold. */
export const importMs = 1_800_000_000_000;

/** A state directory of a test's own, with a key that lies in it. */
export function placeAt(dir: string): Place {
  const nowMs = () => importMs;
  const env = { CARAPACE_CREDENTIAL_STORE: "off" };
  return {
    ...{ dir, configPath: join(dir, "carapace.json5"), password: undefined, nowMs },
    keys: systemStateKeys({ dir, env, password: undefined, nowMs }),
    newId: () => crypto.randomUUID(),
    credentials: () => Promise.reject(new Error("nobody asks for credentials")),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  };
}
