import type { ServicePlan } from "../plan.ts";

/**
 * What the gateway may do, for a unit of systemd's user manager (systemd.exec(5)). Only what that manager can do without
 * privileges and without user namespaces, which many systems forbid: a unit that asks for more does not start there.
 */
const hardening: readonly string[] = [
  "NoNewPrivileges=yes",
  "LockPersonality=yes",
  "RestrictRealtime=yes",
  "RestrictSUIDSGID=yes",
  "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
  "SystemCallArchitectures=native",
  // The key ring holds the device key where no session bus runs; Landlock is for tools.
  "SystemCallFilter=@system-service @keyring landlock_create_ruleset landlock_add_rule landlock_restrict_self seccomp",
  "SystemCallErrorNumber=EPERM",
  "UMask=0077",
  "LimitCORE=0",
  "TasksMax=512",
  "OOMPolicy=continue",
];

/** A unit of systemd's user manager (systemd.unit(5), systemd.service(5)). Pure. */
export function systemdUnit({ program, args, environment, environmentFile }: ServicePlan): string {
  const variables = Object.entries(environment).map(
    ([name, value]) => `Environment=${quoted(`${name}=${value}`)}`,
  );
  const file = environmentFile === undefined ? [] : [`EnvironmentFile=${specifiers(environmentFile)}`];
  return [
    "[Unit]",
    "Description=Carapace, a personal AI assistant",
    "StartLimitIntervalSec=300",
    "StartLimitBurst=5",
    "",
    "[Service]",
    "Type=notify",
    `ExecStart=${[program, ...args].map(argument).join(" ")}`,
    "ExecReload=/bin/kill -HUP $MAINPID",
    "Restart=on-failure",
    "RestartSec=5",
    "TimeoutStopSec=40",
    ...variables,
    ...file,
    ...hardening,
    "",
    "[Install]",
    "WantedBy=default.target",
    "",
  ].join("\n");
}

/** A file of variables as systemd reads it (`EnvironmentFile=` of systemd.exec(5)). Pure. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}="${value.replace(/[\\"`$]/g, "\\$&")}"\n`)
    .join("");
}

/** In a command line a dollar sign would stand for a variable, too. */
function argument(text: string): string {
  return quoted(text.replaceAll("$", "$$$$"));
}

/** Quoted for systemd.syntax(7). */
function quoted(text: string): string {
  const escaped = specifiers(text).replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
  return `"${escaped}"`;
}

function specifiers(text: string): string {
  return text.replaceAll("%", "%%");
}
