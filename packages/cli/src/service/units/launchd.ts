import { join } from "node:path";
import type { ServicePlan } from "../plan.ts";
import { escapeXml } from "./xml.ts";

/** The job's name for launchd. */
export const launchdLabel = "com.carapace.gateway";

/** Where launchd puts what the gateway writes. */
export function launchdLog({ stateDir }: Pick<ServicePlan, "stateDir">): string {
  return join(stateDir, "service.log");
}

/**
 * A launch agent (launchd.plist(5)). Pure.
 * @param secrets launchd reads no file of variables: these stand in the property list, which is the owner's alone
 */
export function launchdPlist(plan: ServicePlan, secrets: Readonly<Record<string, string>>): string {
  const { program, args, environment } = plan;
  const log = launchdLog(plan);
  const entries: readonly (readonly [string, string])[] = [
    ["Label", text(launchdLabel)],
    [
      "ProgramArguments",
      `<array>\n${[program, ...args].map((one) => `    ${text(one)}`).join("\n")}\n  </array>`,
    ],
    ["EnvironmentVariables", dictionary({ ...environment, ...secrets })],
    ["RunAtLoad", "<true/>"],
    // Ended by itself it stays down, as systemd's on-failure has it.
    ["KeepAlive", "<dict>\n    <key>SuccessfulExit</key>\n    <false/>\n  </dict>"],
    ["ThrottleInterval", "<integer>10</integer>"],
    ["ExitTimeOut", "<integer>40</integer>"],
    ["ProcessType", text("Background")],
    // 077
    ["Umask", "<integer>63</integer>"],
    ["SoftResourceLimits", "<dict>\n    <key>Core</key>\n    <integer>0</integer>\n  </dict>"],
    ["StandardOutPath", text(log)],
    ["StandardErrorPath", text(log)],
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    "<dict>",
    ...entries.flatMap(([key, value]) => [`  <key>${key}</key>`, `  ${value}`]),
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}

function text(value: string): string {
  return `<string>${escapeXml(value)}</string>`;
}

function dictionary(entries: Readonly<Record<string, string>>): string {
  const lines = Object.entries(entries).flatMap(([key, value]) => [
    `    <key>${escapeXml(key)}</key>`,
    `    ${text(value)}`,
  ]);
  return `<dict>\n${lines.join("\n")}\n  </dict>`;
}
