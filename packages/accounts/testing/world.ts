import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AccountsWorld } from "../src/types.ts";
import type { OAuthServer } from "./oauth-server.ts";

export const testPassword = "accounts-test-password";

/** A state directory of a test's own, with a clock that it moves; gone at the end of its scope. */
export function accountsWorld(
  server?: OAuthServer,
  { password = testPassword }: { readonly password?: string } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "carapace-accounts-"));
  const path = join(folder, "auth_profiles.json");
  let nowMs = 1_800_000_000_000;
  const world: AccountsWorld = {
    env: { HOME: folder, CARAPACE_STATE_DIR: folder, CARAPACE_CONFIG_PASSWORD: password },
    nowMs: () => nowMs,
    ...(server === undefined ? {} : { endpoints: { openai: server.endpoints, google: server.endpoints } }),
  };
  return {
    ...{ world, folder, path },
    advance: (ms: number) => {
      nowMs += ms;
    },
    text: () => readFileSync(path, "utf8"),
    /** What a file of the reference, or of an enemy, holds. */
    write: (content: unknown) =>
      writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
