import { cronDocuments } from "../cron/jobs.ts";
import type { Piece } from "../integrity/piece.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { ImportLog } from "../portable/import/imports.ts";
import { profileDocuments } from "../profiles/profiles.ts";
import { TaskDocuments } from "../tasks/tasks.ts";
import { aggregateDocuments } from "../usage/aggregates.ts";
import { approvalRecords } from "./approvals.ts";
import { gatewayRecords } from "./gateways.ts";
import { nodeRecords } from "./nodes.ts";

/** Checks jobs, tasks, logins, pairings of nodes and what else is a document; what does not verify is reported. */
export function* documentPieces(deps: SealedDeps): Generator<Piece> {
  yield { name: "registries", check: () => checkRegistries(deps) };
  yield* cronDocuments(deps).pieces();
  yield* new TaskDocuments(deps).documents.pieces();
  yield* profileDocuments(deps).pieces();
  yield* aggregateDocuments(deps).pieces();
  yield* new ImportLog(deps).documents.pieces();
}

function checkRegistries(deps: SealedDeps): void {
  const { nodes, requests, tokens } = nodeRecords(deps);
  for (const records of [nodes, requests, tokens, gatewayRecords(deps), approvalRecords(deps)])
    records.list();
}
