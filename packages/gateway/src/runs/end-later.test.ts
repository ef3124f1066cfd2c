import { expect, test } from "bun:test";
import { RunId } from "@carapace/protocol";
import { StateError } from "@carapace/state";
import { endLater } from "./end-later.ts";

const runId = RunId.parse("a");
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const outcome = { status: "failed", error: "The turn failed." } as const;

function journal(...faults: Error[]) {
  const ended: string[] = [];
  return {
    ended,
    async finish(runId: string) {
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      ended.push(runId);
      return true;
    },
  };
}

const full = () => new StateError("disk_full", "The disk is full.");

test("the end of a run is stored once the disk has place again", async () => {
  const kept = journal(full(), full());
  const { signal } = new AbortController();
  await endLater({ runId, outcome, signal }, { journal: kept, nowMs: () => 1, log: quiet, endAgainMs: 1 });
  expect(kept.ended).toEqual(["a"]);
});

test("one that can never be stored is given up, and none is stored by a gateway that stops", async () => {
  const damaged = journal(new StateError("corrupt", "The record is damaged."));
  const deps = { nowMs: () => 1, log: quiet, endAgainMs: 1 };
  const stop = new AbortController();
  await endLater({ runId, outcome, signal: stop.signal }, { ...deps, journal: damaged });
  const fine = journal();
  stop.abort();
  await endLater({ runId, outcome, signal: stop.signal }, { ...deps, journal: fine });
  expect([damaged.ended, fine.ended]).toEqual([[], []]);
});
