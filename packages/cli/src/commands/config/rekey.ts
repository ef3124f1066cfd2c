import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import type { CliWorld } from "../../world.ts";
import { tellConfigChanged } from "../audit/tell.ts";
import { writeContext, writeRefusal } from "./writing.ts";

export const definition = {
  name: "config rekey",
  summary: "Seal every sealed value of the configuration file under a new password",
  details: [
    "The password in use comes from CARAPACE_CONFIG_PASSWORD, the new one from a prompt that does not show it, or from\n" +
      "the first line of standard input where that is no terminal. All values are sealed anew, or none. Where the database\n" +
      "key is sealed with the same password, cara state rekey --new-password changes both.",
  ],
  options: {},
  examples: [
    { command: "cara config rekey", says: "asks for the new password twice" },
    { command: "cara config rekey < new-password", says: "in a script" },
  ],
} as const satisfies CommandDefinition;

/** config.md §11.2 *Better*. */
export async function run({ world }: Run<typeof definition>): Promise<ExitCode> {
  const { newSecret } = await import("../../prompt/secret-input.ts");
  const password = await newSecret("configuration password");
  if (!password.ok) {
    return password.say === undefined ? password.code : world.out.fail(password.say);
  }
  world.out.hide([password.value]);
  const held = await heldSignIns(world);
  if (held !== undefined) return world.out.fail(held);
  const { rekeyConfig } = await import("@carapace/config/seal");
  const done = await rekeyConfig(password.value, writeContext(world.env, "config rekey"));
  if (!done.ok) return world.out.fail(writeRefusal(done));
  const { count, path } = done.value;
  if (count === 0) {
    world.out.result(`Nothing in ${path} is sealed.`);
    return 0;
  }
  world.out.result(`Sealed ${count === 1 ? "one value" : `${count} values`} in ${path} anew.`);
  world.out.note("Set CARAPACE_CONFIG_PASSWORD to the new password and start the gateway again.");
  await tellConfigChanged("rekey", "all sealed values", world);
  return 0;
}

/** Stored sign-ins are sealed with the same password, in a file of their own: both must change together. */
async function heldSignIns({ env, nowMs }: CliWorld): Promise<string | undefined> {
  const { openAccounts } = await import("@carapace/accounts");
  const stored = await openAccounts({ env, nowMs }).list();
  if (!stored.ok || stored.value.every(({ state }) => state === "locked")) return undefined;
  return "stored sign-ins are sealed with the same password, and both must change together: run cara state rekey --new-password";
}
