import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { hostOptions, jsonOption, tlsOptions } from "../command/options.ts";
import { gatewayHealth, httpGet } from "../link/http.ts";
import { isRecord } from "../link/json.ts";
import { resolveTarget } from "../link/resolve-target.ts";
import type { Credentials } from "../link/settings.ts";
import type { Target } from "../link/target.ts";
import { cleanLine } from "../output/clean.ts";

export const definition = {
  name: "status",
  summary: "Say whether the gateway runs and how it is",
  details: [
    "On this machine the gateway's own credential is sent along, to learn more. To other hosts none is sent.",
  ],
  options: { json: jsonOption, ...hostOptions, ...tlsOptions },
  examples: [
    { command: "cara status", says: "the gateway of this machine" },
    { command: "cara status --json", says: "for a script" },
    { command: "cara status --host box.lan --tls", says: "another machine's" },
  ],
} as const satisfies CommandDefinition;

const timeoutMs = 5000;

/** cli.md §3.3. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const resolved = await resolveTarget(options, world);
  if (!resolved.ok) return world.out.fail(resolved.say);
  const { settings, target } = resolved.value;
  const { address, isLoopback } = target;
  // Read while the gateway answers; sent only once it is known to be one.
  const credentials = isLoopback ? settings.credentials() : undefined;
  const answer = await httpGet({ target, path: "/health", timeoutMs });
  if (answer.kind === "unreachable") {
    const advice = isLoopback && !target.isEncrypted ? `. ${adviceFor(answer.cause)}` : "";
    return world.out.fail(`cannot reach a gateway at ${address}: ${answer.cause}${advice}`);
  }
  if (answer.status < 200 || answer.status > 299) {
    return world.out.fail(
      `the gateway at ${address} answered ${answer.status}: ${answer.body.slice(0, 500)}`,
    );
  }
  const health = gatewayHealth(answer);
  if (health === undefined) {
    return world.out.fail(`what answers at ${address} is not a Carapace gateway; choose another with --port`);
  }
  const more = await askControl(target, await credentials);
  const warnings = isLoopback ? await keyWarnings(settings.stateDir) : [];
  if (options.json) {
    const told = warnings.length === 0 ? {} : { warnings };
    world.out.json({ health, ...(more === undefined ? {} : { controlStatus: more }), ...told });
  } else {
    world.out.result(describe(health, more ?? {}, address));
    for (const warning of warnings) world.out.result(`Warning: ${cleanLine(warning)}`);
  }
  return 0;
}

/** A port that somebody holds cannot be started on. */
function adviceFor(cause: string): string {
  if (cause === "connection refused") return "Start it with: cara start";
  return "The port is taken, by another program or by a gateway that stands still: end it, or choose another with --port";
}

/** What the owner should know of where the database key is. */
async function keyWarnings(stateDir: string): Promise<readonly string[]> {
  const { keyLocation } = await import("@carapace/state/key-location");
  const { say } = keyLocation(stateDir);
  return say === undefined ? [] : [say];
}

/** What the control API adds, if it answers; to another machine no credential is sent. */
async function askControl(
  target: Target,
  credentials: Credentials | undefined,
): Promise<Record<string, unknown> | undefined> {
  for (const secret of credentials === undefined ? [undefined] : secretsOf(credentials)) {
    const answer = await httpGet({ target, path: "/control/status", timeoutMs, secret });
    if (answer.kind !== "answer" || answer.status === 401) continue;
    return answer.status === 200 && isRecord(answer.json) ? answer.json : undefined;
  }
  return undefined;
}

/** Which of the two the gateway takes is its mode's business: the token first (cli.md §2.2). */
function secretsOf(credentials: Credentials): readonly (string | undefined)[] {
  if (credentials.source === "none") return [undefined];
  const secrets =
    credentials.source === "local" ? [credentials.token] : [credentials.token, credentials.password];
  return secrets.filter((secret) => secret !== undefined);
}

/** Pure: the lines of cli.md §3.3; what is not known is left out. */
export function describe(
  health: Readonly<Record<string, unknown>>,
  control: Readonly<Record<string, unknown>>,
  address: string,
): string {
  const runtime = isRecord(control["runtime"]) ? control["runtime"] : {};
  const { connectedChannels: connected, totalChannels: total } = control;
  const kept = isRecord(control["diagnostics"]) ? control["diagnostics"] : {};
  const sessions = kept["sessionCount"];
  const hasChannels = typeof connected === "number" && typeof total === "number";
  const hasPlatform = typeof runtime["platform"] === "string" && typeof runtime["arch"] === "string";
  const rows = [
    ["Version", health["version"]],
    ["Uptime", typeof health["uptimeSeconds"] === "number" ? uptimeText(health["uptimeSeconds"]) : undefined],
    ["Address", address],
    ["Status", health["status"]],
    ["Health", healthText(kept)],
    ["Sessions", typeof sessions === "number" ? String(sessions) : undefined],
    ["Channels", hasChannels ? `${connected}/${total} connected` : undefined],
    ["Platform", hasPlatform ? `${runtime["platform"]} (${runtime["arch"]})` : undefined],
  ];
  const known = rows.filter(([, value]) => typeof value === "string");
  return known.map(([name, value]) => `${name}: ${value}`).join("\n");
}

/** Nothing while all is well: damage, or a resource that runs short, is what an owner must not overlook. */
function healthText(kept: Readonly<Record<string, unknown>>): string | undefined {
  const { state, stateReasons } = kept;
  if (typeof state !== "string" || state === "healthy") return undefined;
  const reasons = Array.isArray(stateReasons) ? stateReasons.filter((one) => typeof one === "string") : [];
  return [state, ...reasons.map((reason) => `  ${cleanLine(reason)}`)].join("\n");
}

/** `1d 2h 3m 4s`; leading zero units are left out. */
export function uptimeText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const units = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "m"],
    [whole % 60, "s"],
  ] as const;
  const first = units.findIndex(([count]) => count > 0);
  return units
    .slice(first < 0 ? -1 : first)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}
