import { z } from "zod";
import {
  Anything,
  Bool,
  MaybeAnything,
  MaybeNum,
  MaybeText,
  NullableText,
  Num,
  Text,
  True,
} from "../scalars.ts";
import { methods, NoParams, optionalKey, required, requiredKey } from "./contract.ts";

const ChannelView = () =>
  z.object({
    id: Text,
    name: Text,
    status: z.enum(["connected", "disconnected", "connecting", "error", "paused", "logged_out"]),
    metadata: z.object({
      description: MaybeText,
      extra: MaybeAnything,
      last_error: MaybeText,
      last_connected_at: MaybeNum,
      status_changed_at: MaybeNum,
    }),
  });

const ModelView = () =>
  z.object({
    id: Text,
    alias: NullableText,
    label: NullableText,
    provider: NullableText,
    model: NullableText,
  });

const AgentView = () =>
  z.object({
    id: Text,
    name: Text,
    description: NullableText,
    identity: Anything,
    enabled: Bool,
    model: NullableText,
    workspace: NullableText,
    default: Bool,
  });

/** Channels, models and agents the gateway knows (websocket.md §12.2). */
export const catalogMethods = methods({
  "channels.status": {
    access: "read",
    summary: "List channels and their connection",
    params: NoParams,
    result: () =>
      z.object({
        total: Num,
        connected: Num,
        channels: z.array(ChannelView()),
        ts: Num,
      }),
  },
  "channels.logout": {
    access: "admin",
    summary: "Log a channel out",
    params: () => z.object({ channel: optionalKey("channel"), channelId: optionalKey("channelId") }),
    result: () => z.object({ ok: True, channel: Text }),
  },
  send: {
    access: "write",
    summary: "Send a message over a channel; durable before it is answered",
    params: () =>
      z.object({
        to: required("to"),
        message: required("message"),
        idempotencyKey: requiredKey("idempotencyKey"),
        channel: optionalKey("channel"),
      }),
    result: () =>
      z.object({
        runId: Text,
        messageId: Text,
        channel: Text,
        conversationId: MaybeText,
        toJid: MaybeText,
        pollId: MaybeText,
      }),
  },
  "models.list": {
    access: "read",
    summary: "List configured models",
    params: NoParams,
    result: () => z.object({ models: z.array(ModelView()) }),
  },
  "agents.list": {
    access: "read",
    summary: "List agents",
    params: NoParams,
    result: () =>
      z.object({
        defaultId: Text,
        mainKey: Text,
        scope: Text,
        agents: z.array(AgentView()),
        count: Num,
      }),
  },
  "agent.identity.get": {
    access: "read",
    summary: "Name and description of an agent",
    params: () => z.object({ agentId: optionalKey("agentId") }),
    result: () => z.object({ agentId: Text, name: Text, description: NullableText }),
  },
});
