import { defaultPort } from "@carapace/config/default-port";
import type { OptionDefinition } from "./definition.ts";

/** Option sets that several commands share (cli.md §1): H is `hostOptions`, W adds `tlsOptions`. */
const portOption = {
  kind: "whole",
  short: "p",
  value: "port",
  min: 1,
  max: 65535,
  help: `Port of the gateway (default: gateway.port, else ${defaultPort})`,
} as const satisfies OptionDefinition;

export const hostOptions = {
  port: portOption,
  host: { kind: "text", value: "host", help: "Host of the gateway (default: 127.0.0.1)" },
} as const satisfies Record<string, OptionDefinition>;

export const tlsOptions = {
  tls: { kind: "flag", help: "Connect with TLS" },
  trust: { kind: "flag", help: "With --tls: accept any certificate (unsafe)" },
} as const satisfies Record<string, OptionDefinition>;

export const remoteOptions = {
  ...hostOptions,
  ...tlsOptions,
  allowPlaintext: {
    kind: "flag",
    help: "Send credentials unencrypted to a host that is not this machine (unsafe)",
  },
} as const satisfies Record<string, OptionDefinition>;

/** For what asks before it changes anything; `--force` stands beside it where the reference has that. */
export const yesOption = {
  kind: "flag",
  short: "y",
  help: "Do not ask",
} as const satisfies OptionDefinition;

export const forceOption = { kind: "flag", help: "The same as --yes" } as const satisfies OptionDefinition;

export const jsonOption = { kind: "flag", help: "Print JSON" } as const satisfies OptionDefinition;
