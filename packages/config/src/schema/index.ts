import { z } from "zod";
import { authSection, envSection } from "./accounts.ts";
import { agents, channels, classifier, routes, session } from "./agents.ts";
import { channelAccounts } from "./channel-accounts.ts";
import { discovery, gateway } from "./gateway.ts";
import { guarded, key, named, secret, section, text } from "./kit.ts";
import { providerSections, usage } from "./providers.ts";
import { audit, cron, filesystem, logging, messages, plugins, sessions } from "./storage.ts";
import { telemetry } from "./telemetry.ts";

const modelEntry = z.object({ label: text("Display name.") });
const modelSource = z.object({
  models: named(modelEntry, "Models by id."),
  apiKey: secret("Key for speech and media."),
  baseUrl: text("Not read.", { effect: "inert", ...guarded }),
});

const models = section(
  { providers: named(modelSource, "Model lists by provider.") },
  "Models for listings.",
  { effect: "live" },
);

const ignored = key(z.unknown().optional(), "Accepted; has no effect.", { effect: "inert" });
const guardedStore = key(z.unknown().optional(), "Accepted; has no effect.", { effect: "inert", ...guarded });

/** Sections of the reference that nothing reads. */
const ignoredSections = {
  meta: ignored,
  wizard: ignored,
  diagnostics: ignored,
  update: ignored,
  browser: ignored,
  ui: ignored,
  nodeHost: ignored,
  tools: ignored,
  bindings: ignored,
  broadcast: ignored,
  audio: ignored,
  media: ignored,
  commands: ignored,
  approvals: ignored,
  web: ignored,
  canvasHost: ignored,
  talk: ignored,
  credentials: guardedStore,
  secrets: guardedStore,
};

/** The whole file. Each key stands here once, with default, description and effect (config.md §13). */
export const ConfigSchema = z.object({
  gateway,
  discovery,
  ...providerSections,
  models,
  routes,
  usage,
  agents,
  classifier,
  session,
  channels,
  ...channelAccounts,
  sessions,
  filesystem,
  plugins,
  auth: authSection,
  env: envSection,
  logging,
  telemetry,
  cron,
  messages,
  audit,
  ...ignoredSections,
});

/** The effective configuration: the file's values over the defaults; secrets as `Secret`. */
export type Config = z.output<typeof ConfigSchema>;
