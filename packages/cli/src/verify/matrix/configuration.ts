import { existsSync } from "node:fs";
import { join } from "node:path";
import type { ConfigSnapshot, Issue } from "@carapace/config";
import { type Check, fail, pass } from "../check.ts";
import { isOfMatrix } from "../configuration.ts";
import type { Subject } from "../types.ts";

const accountName = "Matrix configuration";
const storeName = "Matrix encrypted store";
const storePath = ".matrix.storePassphrase";

/** What is wrong with the account, apart from its store (channels.md §8.1). */
export async function checkAccount({ snapshot }: Subject): Promise<Check> {
  const { describeIssue } = await import("@carapace/config");
  const { matrix } = snapshot.config;
  if (matrix === undefined || snapshot.resolved["matrix"] === undefined)
    return fail(
      accountName,
      "there is no matrix section in the configuration",
      `cara setup${snapshot.exists ? " --merge" : ""} --outcome matrix writes one: home server, user id, and an access token or a password`,
    );
  if (!matrix.enabled)
    return fail(accountName, "matrix.enabled is false", "cara config set matrix.enabled true");
  const wrong = errors(snapshot.issues).find((issue) => issue.path !== storePath);
  if (wrong !== undefined)
    return fail(accountName, describeIssue(wrong), "mend that key; cara config validate shows every error");
  const user = textOf(snapshot, "userId", "MATRIX_USER_ID");
  const server = textOf(snapshot, "homeserverUrl", "MATRIX_HOMESERVER_URL");
  return pass(accountName, `${user} at ${server} is fully configured`);
}

/** Whether the key of the encrypted store can be had, and no change of it was interrupted (channels.md §8.2). */
export function checkStore({ snapshot, settings, world }: Subject): Check {
  if (snapshot.config.matrix?.encrypted === false) return pass(storeName, "encryption is off: there is none");
  const pinned = join(settings.stateDir, "matrix", "store_passphrase");
  const left = [".rekeying", ".pending"].find((suffix) => existsSync(`${pinned}${suffix}`));
  if (left !== undefined)
    return fail(
      storeName,
      `an earlier change of the store's passphrase was interrupted (matrix/store_passphrase${left} is there)`,
      "stop the gateway and change it again: cara matrix rekey-store --new, with the version that began it",
    );
  const wrong = errors(snapshot.issues).find((issue) => issue.path === storePath);
  if (wrong !== undefined)
    return fail(
      storeName,
      "no secret for the encrypted store can be found",
      "export CARAPACE_CONFIG_PASSWORD, or set matrix.storePassphrase (cara secrets set) or MATRIX_STORE_PASSPHRASE, here and where the gateway starts",
    );
  return pass(storeName, `its key comes from ${sourceOf(snapshot, world.env["CARAPACE_CONFIG_PASSWORD"])}`);
}

function errors(issues: readonly Issue[]): Issue[] {
  return issues.filter((issue) => issue.severity === "error" && isOfMatrix(issue));
}

function sourceOf(snapshot: ConfigSnapshot, password: string | undefined): string {
  if (filled(snapshot.config.matrix?.storePassphrase?.reveal())) return "matrix.storePassphrase";
  if (filled(snapshot.lookup("MATRIX_STORE_PASSPHRASE"))) return "MATRIX_STORE_PASSPHRASE";
  return filled(password) ? "CARAPACE_CONFIG_PASSWORD" : "matrix/store_passphrase in the state directory";
}

function filled(text: string | undefined): boolean {
  return (text ?? "").trim() !== "";
}

function textOf({ config, lookup }: ConfigSnapshot, key: "userId" | "homeserverUrl", variable: string) {
  const own = config.matrix?.[key];
  return typeof own === "string" && own.trim() !== "" ? own.trim() : (lookup(variable)?.trim() ?? "");
}
