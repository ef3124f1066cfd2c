import { ok } from "@carapace/protocol";
import { tailLog } from "../log/tail.ts";
import type { MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

type Handled = "health" | "status" | "system.info" | "logs.tail" | "last-heartbeat" | "set-heartbeats";

/** Health, logs and what the gateway says of itself (websocket.md §12.1). */
export function healthHandlers(services: Services): Pick<MethodHandlers, Handled> {
  const { state, facts, world, heartbeat, hub, config, log } = services;
  const runtime = { name: "carapace", platform: facts.platform, arch: facts.arch };
  const uptimeMs = () => world.nowMs() - facts.startedAtMs;
  return {
    health: () => ok(services.health()),
    async status() {
      const [count, newest] = await Promise.all([state.sessions.count(), state.sessions.list({ limit: 10 })]);
      const resting = services.models
        .resting()
        .map(({ model, untilMs, why }) => ({ model, until: untilMs, reason: why }));
      const { status: health, reasons } = services.health();
      const recent = newest.map(({ id, key, updatedAtMs }) => ({
        sessionId: id,
        key,
        updatedAt: updatedAtMs,
      }));
      return ok({
        ts: world.nowMs(),
        status: "ok",
        health,
        ...(reasons === undefined ? {} : { reasons }),
        uptimeMs: uptimeMs(),
        version: facts.version,
        runtime,
        channels: services.channels.counts(),
        sessions: { count, recent },
        ...(resting.length === 0 ? {} : { resting }),
      });
    },
    async "system.info"() {
      const { pending, why: reason } = await services.systemEvents.status();
      return ok({
        ts: world.nowMs(),
        uptimeMs: uptimeMs(),
        version: facts.version,
        runtime,
        configPath: config.current().path,
        stateDir: facts.stateDir,
        channels: services.channels.counts(),
        sessions: { count: await state.sessions.count() },
        presenceCount: hub.presence("operator").length,
        heartbeat: {
          enabled: heartbeat.enabled,
          intervalMs: heartbeat.intervalMs,
          lastTs: heartbeat.lastMs ?? null,
        },
        systemEvents: { pending, ...(reason === undefined ? {} : { reason }) },
      });
    },
    "logs.tail"({ params }) {
      const { limit, maxBytes, cursor, level, pattern } = params;
      const tail = tailLog(log.ring, {
        limit,
        maxBytes,
        ...(cursor === undefined ? {} : { cursor }),
        ...(level === undefined ? {} : { level }),
        ...(pattern === undefined ? {} : { pattern }),
      });
      const entries = tail.entries.map(({ timestamp, ...entry }) => ({
        ...entry,
        timestamp: new Date(timestamp).toISOString(),
      }));
      return ok({ ...tail, entries, lines: [...tail.lines] });
    },
    "last-heartbeat": () => ok(heartbeat.lastMs === undefined ? null : { ts: heartbeat.lastMs }),
    "set-heartbeats"({ params }) {
      heartbeat.set(params.enabled, params.intervalMs);
      return ok({ ok: true, enabled: params.enabled, intervalMs: params.intervalMs });
    },
  };
}
