import { z } from "zod";
import { methods, optionalText } from "./contract.ts";

const ChannelView = z.object({
  id: z.string(),
  name: z.string(),
  status: z.enum(["connected", "disconnected", "connecting", "error", "paused", "logged_out"]),
  metadata: z.object({
    description: z.string().optional(),
    extra: z.unknown().optional(),
    last_error: z.string().optional(),
    last_connected_at: z.number().optional(),
    status_changed_at: z.number().optional(),
  }),
});

const ModelView = z.object({
  id: z.string(),
  alias: z.string().nullable(),
  label: z.string().nullable(),
  provider: z.string().nullable(),
});

const AgentView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  identity: z.unknown(),
  enabled: z.boolean(),
  model: z.string().nullable(),
  workspace: z.string().nullable(),
  default: z.boolean(),
});

/** Channels, models and agents the gateway knows (websocket.md §12.2). */
export const catalogMethods = methods({
  "channels.status": {
    access: "read",
    summary: "List channels and their connection",
    params: z.object({}),
    result: z.object({
      total: z.number(),
      connected: z.number(),
      channels: z.array(ChannelView),
      ts: z.number(),
    }),
  },
  "models.list": {
    access: "read",
    summary: "List configured models",
    params: z.object({}),
    result: z.object({ models: z.array(ModelView) }),
  },
  "agents.list": {
    access: "read",
    summary: "List agents",
    params: z.object({}),
    result: z.object({
      defaultId: z.string(),
      mainKey: z.string(),
      scope: z.string(),
      agents: z.array(AgentView),
      count: z.number(),
    }),
  },
  "agent.identity.get": {
    access: "read",
    summary: "Name and description of an agent",
    params: z.object({ agentId: optionalText() }),
    result: z.object({ agentId: z.string(), name: z.string(), description: z.string().nullable() }),
  },
});
