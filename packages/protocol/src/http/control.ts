import { z } from "zod";
import { ConfigIssue } from "../methods/config.ts";
import { Anything, Bool, MaybeNum, MaybeText, Num, Text, Texts, True } from "../scalars.ts";
import { schemas } from "./schemas.ts";

const isFalse = () => z.literal(false);
const Health = () => z.enum(["healthy", "degraded", "unhealthy"]);

const Status = () =>
  z.object({
    ok: True,
    version: Text,
    /** `YYYY-MM-DDTHH:MM:SSZ`. */
    startedAt: Text,
    uptimeSeconds: Num,
    connectedChannels: Num,
    totalChannels: Num,
    /** Whether a language model could be used in the last 30 s; absent if none was asked. */
    llmReachable: Bool.optional(),
    runtime: z.object({ name: Text, version: Text, platform: Text, arch: Text }),
    diagnostics: z.object({
      storageWritable: Bool,
      diskFreeBytes: MaybeNum,
      memoryRssBytes: MaybeNum,
      openFds: MaybeNum,
      /** Ours: how the stored data is, why, and how many sessions there are. */
      state: Health().optional(),
      stateReasons: Texts.optional(),
      sessionCount: MaybeNum,
    }),
  });

/** How a channel stands (http.md §12.2). */
export const ChannelStatus = z.enum([
  "connected",
  "disconnected",
  "connecting",
  "error",
  "paused",
  "logged_out",
]);
export type ChannelStatus = z.infer<typeof ChannelStatus>;

const Channel = () =>
  z.object({
    id: Text,
    name: Text,
    status: ChannelStatus,
    /** RFC 3339, milliseconds, `Z`. */
    lastConnectedAt: MaybeText,
    lastError: MaybeText,
    extra: Anything.optional(),
  });

const Channels = () => z.object({ ok: True, total: Num, connected: Num, channels: z.array(Channel()) });

const ConfigView = () =>
  z.object({
    ok: True,
    config: Anything,
    /** SHA-256 of the file's text, lower-case hex; absent without a file. */
    hash: MaybeText,
    /** Ours: why the file as it is now would not be taken over. */
    issues: z.array(ConfigIssue).optional(),
  });

const ConfigPatch = () =>
  z.object({
    path: Text.regex(/\S/, "path is required"),
    value: z.json(),
    /** Of the configuration that was read; needed if there is a file. */
    baseHash: Text.nullish(),
  });

const ConfigPatched = () =>
  z.object({
    ok: True,
    applied: z.object({ path: Text, value: Anything, config: Anything }),
    hash: Text,
  });

const EventsQuery = () =>
  z.object({
    /** Names with commas between them; absent: every event. */
    events: MaybeText,
  });

const Refusal = () => z.object({ ok: isFalse(), error: Text, detail: Anything.optional() });

const ConfigRefusal = () => Refusal().extend({ issues: z.array(ConfigIssue) });

const AuthMode = () => z.enum(["apiKey", "setupToken", "oauth", "baseUrl", "staticCredentials", "none"]);

const Entrypoint = () =>
  z.object({
    kind: z.enum(["browser", "cli"]),
    authMode: AuthMode().optional(),
    path: MaybeText,
    command: MaybeText,
    commandNote: MaybeText,
  });

const Check = () =>
  z.object({
    name: Text,
    status: z.enum(["pass", "fail", "skip"]),
    kind: z.enum(["requirement", "validation"]),
    detail: Text,
    remediation: MaybeText,
  });

const Assessment = () =>
  z.object({
    provider: Text,
    authMode: AuthMode().nullable(),
    status: z.enum(["ready", "partial", "invalid"]),
    summary: Text,
    checks: z.array(Check()),
  });

const ProviderStatus = () =>
  z.object({
    provider: Text,
    label: Text,
    configured: Bool,
    supportedAuthModes: z.array(AuthMode()),
    availableEntrypoints: z.array(Entrypoint()),
    cliSetupCommand: MaybeText,
    cliSetupCommandNote: MaybeText,
    assessment: Assessment().optional(),
  });
export type ProviderStatus = z.infer<ReturnType<typeof ProviderStatus>>;

const OnboardingStatus = () => z.object({ ok: True, providers: z.array(ProviderStatus()) });

/** What a sign-in of the page is begun with; all of it may be left out. */
const OAuthStart = () =>
  z.object({ clientId: MaybeText, clientSecret: MaybeText, redirectBaseUrl: MaybeText });

const OAuthStarted = () => z.object({ ok: True, flowId: Text, authUrl: Text, redirectUri: Text });

const OAuthStatus = () =>
  z.object({
    ok: True,
    status: z.object({
      flowId: Text,
      status: z.enum(["pending", "completed", "failed"]),
      profileName: MaybeText,
      email: MaybeText,
      error: MaybeText,
    }),
  });

const OnboardingApiKey = () => z.object({ apiKey: Text, baseUrl: MaybeText });

const OnboardingApplied = () =>
  z.object({
    ok: True,
    applied: z.object({ mode: z.enum(["oauth", "apiKey"]) }),
    hash: MaybeText,
    providerStatus: ProviderStatus(),
  });

/** Bodies of the control API (http.md §12). */
export const controlBodies = schemas({
  status: Status,
  channels: Channels,
  config: ConfigView,
  configPatch: ConfigPatch,
  configPatched: ConfigPatched,
  eventsQuery: EventsQuery,
  refusal: Refusal,
  configRefusal: ConfigRefusal,
  onboarding: OnboardingStatus,
  oauthStart: OAuthStart,
  oauthStarted: OAuthStarted,
  oauthStatus: OAuthStatus,
  onboardingApiKey: OnboardingApiKey,
  onboardingApplied: OnboardingApplied,
});
