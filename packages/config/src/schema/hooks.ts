import { z } from "zod";
import {
  count,
  flag,
  guarded,
  key,
  listOf,
  part,
  secret,
  section,
  text,
  textOr,
  texts,
  word,
} from "./kit.ts";

const maybe = (description: string, notes = {}) =>
  key(z.boolean().optional(), description, { expected: "true or false", ...notes });

/** How a sender proves itself; flat, so that what seals and masks secrets finds the one in it. */
const authShape = {
  kind: word(
    ["token", "github", "stripe", "hmac"],
    "token: the hooks token; the others: a signature over the body.",
  ),
  secret: secret("The key that sender and gateway share."),
  header: text("hmac: the header with the signature."),
  algorithm: word(["sha256", "sha1", "sha512"], "hmac: the hash; sha256 unless told."),
  encoding: word(["hex", "base64"], "hmac: how the signature is written; hex unless told."),
  prefix: text("hmac: what stands before it, such as sha256=."),
  timestampHeader: text("hmac: the header with the time of signing, in Unix seconds."),
  signed: text("hmac: what is signed, such as v0:{timestamp}:{body}."),
  toleranceSeconds: key(
    z.int().positive().max(86_400).optional(),
    "How far the time of signing may be away; 300 unless told.",
    { expected: "a whole number from 1 to 86400" },
  ),
};

const matchShape = {
  path: text("Path behind the hooks' base; absent: any."),
  source: text("What the payload's source must be."),
};

const transformShape = {
  module: text("File in gateway.hooks.transformsDir."),
  export: text("Its export; absent: default, else transform."),
};

const mapping = z.object({
  id: text("Its name in logs; absent: from its path."),
  preset: text("A built-in mapping that fills what is absent here."),
  match: part(matchShape, "Which calls it takes; absent: all."),
  auth: part(authShape, "How its sender proves itself; absent: with the hooks token."),
  action: word(["wake", "agent"], "What it does; agent unless told."),
  wakeMode: word(["now", "next-heartbeat"], "When it wakes."),
  name: text("Name of the hook; a template."),
  sessionKey: text("Conversation; a template."),
  instructions: text("What the owner wants done with what arrives; no template."),
  messageTemplate: text("Message of the action agent."),
  textTemplate: text("Text of the action wake."),
  deliver: maybe("Send the reply to a channel; true unless told."),
  allowUnsafeExternalContent: maybe("Take what arrives for the owner's own words (unsafe).", guarded),
  channel: text("Channel of the reply, or last."),
  to: text("Who gets the reply; a template."),
  model: text("Model, provider:model; a template."),
  route: text("Route; a template."),
  thinking: text("Thinking level; a template."),
  timeoutSeconds: key(z.number().positive().optional(), "Limit of its turn, in seconds.", {
    expected: "a number above 0",
  }),
  transform: part(transformShape, "A program that changes or skips the call."),
});

/** One entry of `gateway.hooks.mappings` (http.md §8.4). */
export type HookMappingConfig = z.output<typeof mapping>;

/** The keys an entry may have, by section; `""` is the entry itself. */
export const hookMappingKeys: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(mapping.shape),
  match: Object.keys(matchShape),
  auth: Object.keys(authShape),
  transform: Object.keys(transformShape),
};

/** Incoming webhooks (`gateway.hooks`). */
export const hooks = section(
  {
    enabled: flag(false, "Accept webhooks."),
    path: textOr("/hooks", "Where webhooks are mounted."),
    token: secret("Bearer token of webhook callers; needed when enabled."),
    maxBodyBytes: count(262144, "Largest body, in bytes."),
    allowUnsafeExternalContent: flag(
      false,
      "Let callers of the agent hook ask that their text counts as the owner's (unsafe).",
      guarded,
    ),
    presets: texts("Built-in mappings behind one's own, such as gmail."),
    transformsDir: text("Folder of the programs that mappings name.", guarded),
    gmail: section(
      {
        allowUnsafeExternalContent: flag(
          false,
          "Take mails of the preset for the owner's own words (unsafe).",
          guarded,
        ),
      },
      "The preset gmail.",
    ),
    mappings: listOf(mapping, "What becomes of calls of other paths; the first that fits.", {
      wrong: "error",
    }),
  },
  "Incoming webhooks.",
  { effect: "live" },
);
