import { answerDocuments } from "../answers/answers.ts";
import { cronDocuments } from "../cron/jobs.ts";
import { cronRunDocuments } from "../cron/runs.ts";
import { hookDeliveryDocuments } from "../hook-deliveries/hook-deliveries.ts";
import { outboxDocuments } from "../outbox/table.ts";
import { ImportLog } from "../portable/import/imports.ts";
import { profileDocuments } from "../profiles/profiles.ts";
import { approvalRecords } from "../registries/approvals.ts";
import { gatewayRecords } from "../registries/gateways.ts";
import { nodeRecords } from "../registries/nodes.ts";
import { responseDocuments } from "../responses/responses.ts";
import { systemEventDocuments } from "../system-events/system-events.ts";
import { TaskDocuments } from "../tasks/tasks.ts";
import { aggregateDocuments } from "../usage/aggregates.ts";
import type { Piece } from "./piece.ts";
import type { SealedDeps } from "./sealed.ts";

/** Checks jobs, tasks, logins, pairings of nodes and what else is a document; what does not verify is reported. */
export function* documentPieces(deps: SealedDeps): Generator<Piece> {
  yield { name: "registries", check: () => checkRegistries(deps) };
  yield* cronDocuments(deps).pieces();
  yield* new TaskDocuments(deps).documents.pieces();
  yield* profileDocuments(deps).pieces();
  yield* aggregateDocuments(deps).pieces();
  yield* new ImportLog(deps).documents.pieces();
  yield* outboxDocuments(deps).pieces();
  yield* cronRunDocuments(deps).pieces();
  yield* hookDeliveryDocuments(deps).pieces();
  yield* answerDocuments(deps).pieces();
  yield* systemEventDocuments(deps).pieces();
  yield* responseDocuments(deps).pieces();
}

function checkRegistries(deps: SealedDeps): void {
  const { nodes, requests, tokens } = nodeRecords(deps);
  for (const records of [nodes, requests, tokens, gatewayRecords(deps), approvalRecords(deps)])
    records.list();
}
