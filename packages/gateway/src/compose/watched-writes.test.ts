import { expect, test } from "bun:test";
import { SessionKey } from "@carapace/protocol";
import { type State, StateError } from "@carapace/state";
import { temporaryState } from "@carapace/state/testing";
import { watchWrites } from "./watched-writes.ts";

const key = SessionKey.parse("s");

/** A state whose sessions cannot be made while a fault is set. */
function failing(state: State, fault: () => Error | undefined): State {
  const create: State["sessions"]["create"] = (...args) => {
    const error = fault();
    return error === undefined ? state.sessions.create(...args) : Promise.reject(error);
  };
  return Object.create(state, { sessions: { value: { ...state.sessions, create } } }) as State;
}

test("a full disk is told until a write succeeds; other refusals are nobody's business", async () => {
  await using temporary = await temporaryState();
  const told: string[] = [];
  let fault: Error | undefined = new StateError("disk_full", "The disk is full.");
  const state = watchWrites(
    failing(temporary.state, () => fault),
    { writeRefused: (say) => void told.push(say), writeDone: () => void told.push("done") },
  );
  expect(state.sessions.create(key, {}, 1)).rejects.toThrow("The disk is full.");
  await state.sessions.count();
  expect(told).toEqual(["The disk is full."]);
  fault = new StateError("session_damaged", "damaged");
  expect(state.sessions.create(key, {}, 1)).rejects.toThrow("damaged");
  fault = undefined;
  await state.sessions.create(key, {}, 1);
  expect(told).toEqual(["The disk is full.", "done"]);
});
