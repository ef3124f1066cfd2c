import { collectSecrets, redactTree } from "@carapace/config/redaction";
import { protocolRange, version } from "@carapace/protocol/version";
import type { Resolved } from "../link/resolve-target.ts";
import type { CliWorld } from "../world.ts";
import { gatewayFacts } from "./gateway-facts.ts";
import { withoutPeople, withoutSentences } from "./personal.ts";
import { foreignNames, stateEntries } from "./state-files.ts";

/**
 * Everything somebody needs who helps the owner: versions, the configuration, what the gateway says and logged, files
 * and their modes. Nothing of conversations, nobody's address; redacted by name, look and value as a whole.
 */
export async function supportReport(resolved: Resolved, world: CliWorld): Promise<unknown> {
  const [config, doctor, gateway, credentials] = await Promise.all([
    configFacts(world),
    doctorFacts(world),
    gatewayFacts(resolved, world.out.note),
    resolved.settings.credentials(),
  ]);
  const { keyLocation } = await import("@carapace/state/key-location");
  const { stateDir } = resolved.settings;
  const report = {
    about:
      "A report of `cara support`. Secrets are replaced by [REDACTED]; nothing of conversations, prompts and people is in it.",
    madeAt: new Date(world.nowMs()).toISOString(),
    versions: { cara: version, bun: Bun.version, platform: process.platform, arch: process.arch },
    protocol: protocolRange,
    config: config.shown,
    doctor,
    state: { directory: stateDir, databaseKey: keyLocation(stateDir).place, entries: stateEntries(stateDir) },
    gateway,
  };
  const { source: _notSecret, ...own } = credentials;
  const known = [...config.secrets, ...collectSecrets(undefined, world.env), ...Object.values(own)];
  const redacted = redactTree(report, [...known, ...foreignNames(stateDir)], "show");
  return withoutPeople(redacted, world.env["HOME"]);
}

/** What `cara doctor` finds. A report is needed most where that fails, too. */
async function doctorFacts(world: CliWorld): Promise<unknown> {
  try {
    const { examine, patientOf } = await import("../doctor/doctor.ts");
    const findings = await examine(await patientOf(world));
    return findings.map(({ check, status, say, command }) => ({ check, status, say, command }));
  } catch (fault) {
    return { failed: fault instanceof Error ? fault.message : String(fault) };
  }
}

async function configFacts(world: CliWorld) {
  const { describeIssue, loadConfig, shownConfig } = await import("@carapace/config");
  const loaded = await loadConfig({ env: world.env });
  if (!loaded.ok) return { shown: { refused: loaded.say }, secrets: [] };
  const { path, exists, issues, secrets } = loaded.value;
  return {
    shown: {
      path,
      exists,
      issues: issues.map((issue) => describeIssue(issue)),
      inForce: withoutSentences(shownConfig(loaded.value, "show")),
    },
    secrets,
  };
}
