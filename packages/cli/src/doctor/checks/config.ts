import type { ConfigSnapshot } from "@carapace/config";
import type { SecretForm } from "@carapace/config/secret-places";
import type { Check, Finding } from "../finding.ts";

/** Whether the configuration loads, and whether its secrets lie open. */
export const checkConfig: Check = async ({ world, configPath }) => {
  const { configPassword, describeIssue, errorsOf, loadConfig } = await import("@carapace/config");
  const loaded = await loadConfig({ env: world.env, path: configPath });
  const command = "cara config validate";
  if (!loaded.ok) return [{ check: "config", status: "problem", say: loaded.say, command }];
  const { exists, issues } = loaded.value;
  const errors = errorsOf(issues);
  const findings = [...errors, ...issues.filter((issue) => !errors.includes(issue))].slice(0, 10).map(
    (issue): Finding => ({
      check: "config",
      status: issue.severity === "error" ? "problem" : "warning",
      say: describeIssue(issue),
      command,
    }),
  );
  const secrets = await secretFindings(loaded.value, configPassword(world.env) !== undefined);
  if (findings.length > 0) return [...findings, ...secrets];
  const say = exists ? `${configPath} is valid` : `there is no ${configPath}: the defaults apply`;
  return [{ check: "config", status: "ok", say }, ...secrets];
};

async function secretFindings(snapshot: ConfigSnapshot, hasPassword: boolean): Promise<Finding[]> {
  const { configSecrets } = await import("@carapace/config/secret-places");
  const secrets = configSecrets(snapshot);
  const named = (form: SecretForm) => secrets.filter((one) => one.form === form).map(({ key }) => key);
  const [plain, locked] = [named("plain"), named("locked")];
  const found: Finding[] = [];
  if (plain.length > 0) {
    const first = hasPassword ? "" : "; choose a password and set CARAPACE_CONFIG_PASSWORD first";
    const say = `secrets stand in plain text: ${plain.join(", ")}${first}`;
    found.push({ check: "secrets", status: "warning", say, command: "cara config seal" });
  }
  if (locked.length > 0) {
    const why = hasPassword
      ? "CARAPACE_CONFIG_PASSWORD does not open them"
      : "CARAPACE_CONFIG_PASSWORD is not set";
    const say = `sealed secrets count as missing, because ${why}: ${locked.join(", ")}`;
    found.push({ check: "secrets", status: "problem", say, command: "cara secrets list" });
  }
  return found;
}
