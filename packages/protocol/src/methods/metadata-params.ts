import type { z } from "zod";
import { MaybeAnything } from "../scalars.ts";
import { optionalKey, optionalText, optionalTexts } from "./contract.ts";

/** The params that say something of a session: *SM* of websocket.md §12.4. `label` is the session's name. */
export const metadataParams = {
  label: optionalText,
  description: optionalText,
  agentId: optionalKey("agentId"),
  channel: optionalKey("channel"),
  chatId: optionalKey("chatId"),
  userId: optionalKey("userId"),
  route: optionalText,
  model: optionalText,
  thinkingLevel: optionalText,
  tags: optionalTexts("tags"),
  extra: MaybeAnything,
};
export type MetadataParams = Partial<z.output<z.ZodObject<typeof metadataParams>>>;

/** How a session is named: `key`, `sessionKey` or `sessionId`. */
export const sessionParams = {
  key: optionalKey("key"),
  sessionKey: optionalKey("sessionKey"),
  sessionId: optionalKey("sessionId"),
};
export type SessionNames = Partial<z.output<z.ZodObject<typeof sessionParams>>>;
