import type { GatewayConnection } from "@carapace/client";
import type { MethodInput, MethodResult } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { remoteOptions } from "../../command/options.ts";
import { openConnection } from "../../link/connection.ts";
import { type Resolved, resolveTarget } from "../../link/resolve-target.ts";
import type { CliWorld } from "../../world.ts";

export type AuditAsk = MethodInput<"audit.tail">;
export type AuditAnswer = MethodResult<"audit.tail">;
export type AuditReport = MethodResult<"audit.verify">;

/** The log, from a gateway that runs or from the closed database. */
export interface AuditSource extends AsyncDisposable {
  readonly kind: "gateway" | "database";
  tail(ask: AuditAsk): Promise<Result<AuditAnswer>>;
  verify(): Promise<Result<AuditReport>>;
}

/** What says where the log is. */
export type SourceOptions = {
  readonly [K in keyof typeof remoteOptions]: (typeof remoteOptions)[K]["kind"] extends "flag"
    ? boolean
    : (typeof remoteOptions)[K]["kind"] extends "whole"
      ? number | undefined
      : string | undefined;
} & { readonly offline: boolean };

/** For all three commands. */
export const offlineOption = {
  kind: "flag",
  help: "Read the database of this machine, without asking a gateway",
} as const;

const timeoutMs = 600_000;

/** Asks the gateway; if none runs on this machine, opens the database for reading. */
export async function openSource(options: SourceOptions, world: CliWorld): Promise<Result<AuditSource>> {
  const resolved = await resolveTarget(options, world);
  if (!resolved.ok) return resolved;
  if (options.offline) return await openDatabase(resolved.value, world);
  const connected = await openConnection({
    ...resolved.value,
    scopes: ["operator.admin"],
    allowPlaintext: options.allowPlaintext,
    note: world.out.note,
  });
  if (connected.ok) return ok(gatewaySource(connected.value));
  const isOff = connected.code === "unavailable" && resolved.value.target.isLoopback;
  return isOff && options.host === undefined ? await openDatabase(resolved.value, world) : connected;
}

function gatewaySource(connection: GatewayConnection): AuditSource {
  return {
    kind: "gateway",
    tail: (ask) => connection.request("audit.tail", ask, { timeoutMs }),
    verify: () => connection.request("audit.verify", {}, { timeoutMs }),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

async function openDatabase({ settings }: Resolved, world: CliWorld): Promise<Result<AuditSource>> {
  const { StateError, openAudit, systemStateKeys } = await import("@carapace/state");
  const { configPassword } = await import("@carapace/config");
  const { stateDir: dir } = settings;
  const { env, nowMs } = world;
  try {
    const keys = systemStateKeys({ dir, env, nowMs, password: configPassword(env) });
    const reader = await openAudit({ dir, keys, nowMs });
    return ok({
      kind: "database",
      tail: async (ask) => ok(await readTail(reader, ask)),
      verify: async () => {
        const { publicKeys, findings, ...report } = await reader.verify();
        return ok({ ...report, publicKeys: [...publicKeys], findings: [...findings] });
      },
      [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
    });
  } catch (error) {
    if (error instanceof StateError) return refuse("unavailable", error.message);
    throw error;
  }
}

type Reader = Awaited<ReturnType<typeof import("@carapace/state")["openAudit"]>>;

/** What the gateway would answer. */
async function readTail(reader: Reader, ask: AuditAsk): Promise<AuditAnswer> {
  const { limit: asked, afterSeq, event, sinceMs, signed, foreignAfter } = ask;
  const limit = typeof asked === "number" ? asked : 50;
  if (typeof foreignAfter === "number") {
    const foreign = [...(await reader.foreign(foreignAfter, limit))];
    return { records: [], heads: [], headSeq: 0, foreign };
  }
  const query = { afterSeq, event, sinceMs, limit, newest: afterSeq === undefined };
  const page = await reader.tail(query);
  const answer = { ...page, records: page.records.map((record) => ({ ...record })), heads: [...page.heads] };
  if (signed !== true) return answer;
  const from = afterSeq ?? 0;
  return { ...answer, ...(await reader.bounds(from, answer.records.at(-1)?.seq ?? from)) };
}
