import type { ProfileSummary } from "@carapace/accounts";
import type { Check, Finding } from "../finding.ts";

/** Whether the stored sign-ins at model providers can be used: nothing is told where there are none. */
export const checkSignIns: Check = async ({ world, stateDir }) => {
  const [{ existsSync }, { join }] = await Promise.all([import("node:fs"), import("node:path")]);
  if (!existsSync(join(stateDir, "auth_profiles.json"))) return [];
  const { openAccounts } = await import("@carapace/accounts");
  const env = { ...world.env, CARAPACE_STATE_DIR: stateDir };
  const listed = await openAccounts({ env, nowMs: world.nowMs }).list();
  if (!listed.ok) return [problem(listed.say, `ls -l ${join(stateDir, "auth_profiles.json")}`)];
  const { configPassword } = await import("@carapace/config");
  const wrong = listed.value.flatMap((one) => fault(one, configPassword(world.env) !== undefined));
  if (wrong.length > 0) return wrong;
  return [{ check, status: "ok", say: `all that are stored open (${listed.value.length})` }];
};

const check = "sign-ins";

function problem(say: string, command: string): Finding {
  return { check, status: "problem", say, command };
}

/** Who uses a sign-in, by whose it is. Others are the reference's own, and used by nothing here. */
const setups: Readonly<Partial<Record<ProfileSummary["provider"], string>>> = {
  anthropic: "cara setup --merge --provider anthropic --auth-mode setup-token",
  google: "cara setup --merge --provider gemini --auth-mode oauth",
  openai: "cara setup --merge --provider codex",
};

function fault({ id, provider, state }: ProfileSummary, hasPassword: boolean): Finding[] {
  const command = setups[provider];
  if (command === undefined || state === "ready") return [];
  if (state === "needs_login")
    return [problem(`the sign-in ${id} is not taken any more: sign in anew`, command)];
  if (hasPassword) {
    const other =
      "does not open with this CARAPACE_CONFIG_PASSWORD: use the one it was stored with, or sign in anew";
    return [problem(`the sign-in ${id} ${other}`, command)];
  }
  const say = `the sign-in ${id} is sealed: set CARAPACE_CONFIG_PASSWORD, here and where the gateway starts`;
  return [{ check, status: "problem", say }];
}
