import { isIP } from "node:net";
import { LogLevel } from "@carapace/protocol";
import { z } from "zod";
import { count, flag, guarded, key, section, text, texts, wordOr } from "./kit.ts";

const error = { wrong: "error" } as const;
const warning = { wrong: "warning" } as const;
const restart = { effect: "restart" } as const;

/** `sessions` (config.md §13.5). */
export const sessions = section(
  {
    retention: section(
      {
        enabled: flag(true, "Delete old sessions; archived and damaged ones stay."),
        days: count(30, "Age by last update, in days."),
        intervalHours: count(6, "Hours between sweeps."),
      },
      "How long sessions are kept: for ever, unless this section is written.",
      { effect: "live" },
    ),
    integrity: section(
      {
        enabled: flag(true, "Check stored sessions; they always are.", { effect: "inert" }),
        action: wordOr(["warn", "reject"], "warn", {
          description: "Whether a session that was changed from outside may still be read.",
        }),
      },
      "Integrity of stored sessions.",
      { effect: "live", ...error },
    ),
    encryption: section(
      {
        mode: wordOr(["off", "if_password", "required"], "if_password", {
          description: "They always are; `required` also refuses a database key in a plain file.",
          ...error,
        }),
      },
      "Encryption of stored sessions.",
      error,
    ),
  },
  "Stored sessions.",
  restart,
);

/** `audit`: this program's own section. */
export const audit = section(
  {
    retentionDays: count(365, "How long records of the audit log are kept, in days."),
    maxRecords: count(1_000_000, "How many records of the audit log are kept; the oldest go."),
  },
  "The audit log.",
  { effect: "live" },
);

const absolute = z
  .string()
  .refine((path) => /^(\/|[A-Za-z]:[\\/])/.test(path), { error: "must be an absolute path" });

/** Only what can never match anything is refused: which dialect applies, the file tools decide. */
const glob = z.string().refine((pattern) => !/(^|[^\\])(\[[^\]]*|\{[^}]*)$/.test(pattern), {
  error: "must be a glob: a [ or { in it is never closed",
});

/** `filesystem` (config.md §13.5). */
export const filesystem = section(
  {
    enabled: flag(false, "Offer file tools.", error),
    roots: key(z.array(absolute).default([]), "Folders the file tools may use.", {
      ...error,
      expected: "a list of absolute paths",
    }),
    writeAccess: flag(false, "Offer writing file tools.", error),
    maxReadBytes: key(z.int().nonnegative().default(10485760), "Largest file that is read, in bytes.", {
      ...error,
      expected: "a whole number, 0 or more",
    }),
    excludePatterns: key(z.array(glob).default([]), "Patterns denied inside the folders.", {
      ...error,
      expected: "a list of texts",
    }),
  },
  "File tools.",
  { ...restart, ...error },
);

const addressRange = z.string().refine(isAddressRange, {
  error: "must be an IP address or a range such as 10.0.0.0/8",
});

function isAddressRange(text: string): boolean {
  const [address = "", bits = "0", ...rest] = text.split("/");
  const family = address.includes("%") ? 0 : isIP(address);
  const isFit = /^(?:0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
  return family !== 0 && isFit && rest.length === 0;
}

const capabilities = z.object({
  allow_http: flag(false, "May use HTTP."),
  allow_credentials: flag(false, "May use credentials."),
  allow_media: flag(false, "May use media."),
});

const permission = z.object({
  http_allowed_urls: texts("Addresses it may call."),
  http_max_requests_per_minute: key(z.int().positive().optional(), "Most calls a minute."),
  credential_allowed_keys: texts("Credentials it may read."),
  media_allowed_urls: texts("Media it may fetch."),
  deny_all: flag(false, "Deny everything."),
});

const entry = z.object({
  enabled: key(z.boolean().optional(), "Load this plugin.", warning),
  installId: text("Which installation.", warning),
  requestedAt: key(z.number().optional(), "When it was asked for, Unix ms.", warning),
});

/** `plugins` (config.md §13.5); other names are plugins' own settings. */
export const plugins = key(
  z
    .object({
      enabled: flag(true, "Load plugins.", error),
      load: section(
        { paths: texts("Folders of plugins under development.") },
        "Plugins under development.",
        error,
      ),
      entries: key(z.record(z.string(), entry).default({}), "Installed plugins by name.", error),
      signature: section(
        {
          enabled: flag(true, "Check signatures.", error),
          requireSignature: flag(true, "Refuse unsigned plugins.", error),
          trustedPublishers: key(z.array(z.string()).default([]), "Publishers' Ed25519 keys, hex.", error),
        },
        "Signatures of plugins.",
        { ...error, ...guarded },
      ),
      sandbox: section(
        {
          enabled: flag(true, "Check what a plugin may do.", error),
          allow_tailscale: flag(false, "Let the assistant fetch from the tailnet, too.", {
            effect: "live",
          }),
          blocked_cidrs: key(
            z.array(addressRange).default([]),
            "Address ranges that the assistant fetches nothing from, such as 203.0.113.0/24, besides those that are not public.",
            { ...error, effect: "live", expected: "a list of addresses or ranges" },
          ),
          defaults: key(capabilities.prefault({}), "What every plugin may do."),
          overrides: key(
            z.record(z.string(), capabilities).default({}),
            "What single plugins may do.",
            warning,
          ),
        },
        "What plugins may do.",
        error,
      ),
      permissions: section(
        {
          enabled: flag(false, "Check fine-grained permissions."),
          overrides: key(z.record(z.string(), permission).default({}), "Permissions by plugin."),
        },
        "Fine-grained permissions.",
        warning,
      ),
    })
    .catchall(z.unknown())
    .prefault({}),
  "Plugins.",
  { ...restart, ...error, expected: "an object" },
);

/** `logging` (config.md §13.6; live here). */
export const logging = section(
  {
    level: key(LogLevel.default("info"), "Least severe line that is kept.", {
      effect: "live",
      expected: `one of ${LogLevel.options.join(", ")}`,
    }),
    format: key(
      z.enum(["json", "text"]).optional(),
      "Form of a line (default: text at a terminal, json into a file or a pipe).",
      { effect: "live", expected: "one of json, text" },
    ),
    consoleStyle: wordOr(["pretty", "compact", "json"], "pretty", {
      description: "Look of a line at a terminal: pretty has colours, compact the whole time instead.",
      effect: "live",
    }),
    redactSensitive: wordOr(["off", "tools", "all"], "tools", {
      description: "Of no effect: secrets are cut out of every line.",
      fallback: "all",
    }),
  },
  "Logs.",
  restart,
);

/** `cron` (config.md §13.6; live here, and on unless the file says otherwise: the reference always runs its jobs). */
export const cron = section(
  {
    enabled: flag(true, "Run scheduled jobs at their times."),
    maxConcurrentRuns: count(2, "Jobs at the same time."),
    entries: key(
      z.array(z.record(z.string(), z.unknown())).default([]),
      "Scheduled jobs that this file declares: each with a name, a schedule and a payload.",
    ),
  },
  "Scheduled jobs.",
  { effect: "live" },
);

/** `messages` (config.md §13.6). */
export const messages = section(
  {
    ackReactionScope: key(
      z.string().default("group-mentions"),
      "Where a message is acknowledged with a reaction.",
    ),
  },
  "Messages.",
  { effect: "inert" },
);
