import { type MethodParams, ok, refuse } from "@carapace/protocol";
import { type AuditPage, type AuditReader, type AuditRecord, readTold } from "@carapace/state";
import { actorOf } from "../audit/actor.ts";
import type { Answer, MethodHandlers } from "../types.ts";
import type { Services } from "./services.ts";

/** An answer stays well below what a connection may have waiting. */
const maxAnswerChars = 700_000;

/** Reading and checking the audit log (docs/audit.md). */
export function auditHandlers({
  state: { audit },
}: Pick<Services, "state">): Pick<MethodHandlers, "audit.tail" | "audit.verify" | "audit.note"> {
  return {
    "audit.tail": ({ params }) =>
      params.foreignAfter === undefined ? tail(params, audit) : foreign(params, audit),
    async "audit.note"({ params, connection }) {
      const told = readTold(actorOf(connection), params.event, params.data);
      if (told === undefined) return refuse("invalid_request", `audit.note does not take ${params.event} so`);
      await audit.append(told);
      return ok({ ok: true });
    },
    async "audit.verify"({ signal }) {
      const { publicKeys, findings, ...report } = await audit.verify(signal);
      return ok({ ...report, publicKeys: [...publicKeys], findings: [...findings] });
    },
  };
}

async function tail(
  { limit, afterSeq, event, sinceMs, signed }: MethodParams<"audit.tail">,
  audit: AuditReader,
): Answer<"audit.tail"> {
  const query = { afterSeq, event, sinceMs, limit, newest: afterSeq === undefined };
  const page = await audit.tail(query);
  const records = fitting(page.records, query.newest);
  const answer = { ...page, records, heads: headsOf(page, records) };
  const last = records.at(-1)?.seq;
  if (!signed) return ok(answer);
  const bounds = await audit.bounds(afterSeq ?? 0, last ?? afterSeq ?? 0);
  return ok({ ...answer, ...bounds });
}

async function foreign(
  { limit, foreignAfter = 0 }: MethodParams<"audit.tail">,
  audit: AuditReader,
): Answer<"audit.tail"> {
  const { headSeq } = await audit.tail({ limit: 1, newest: true });
  // Each may have 16 KiB.
  const lines = await audit.foreign(foreignAfter, Math.min(limit, 40));
  return ok({ records: [], heads: [], headSeq, foreign: [...lines] });
}

/** As many as fit into one answer: the newest where those are wanted, else the oldest, so that a reader can go on. */
function fitting(records: readonly AuditRecord[], newest: boolean): AuditRecord[] {
  const kept: AuditRecord[] = [];
  let room = maxAnswerChars;
  for (const record of newest ? records.toReversed() : records) {
    room -= JSON.stringify(record).length;
    if (room < 0) break;
    kept.push(record);
  }
  return newest ? kept.reverse() : kept;
}

function headsOf({ heads }: AuditPage, records: readonly AuditRecord[]): AuditPage["heads"][number][] {
  const last = records.at(-1)?.seq ?? 0;
  return heads.filter(({ data }) => data.seq <= last);
}
