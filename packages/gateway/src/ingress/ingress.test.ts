import { expect, test } from "bun:test";
import { hintedSessionKey, ok, type Result, refuse, SessionKey } from "@carapace/protocol";
import type { Session } from "@carapace/state";
import { temporaryState } from "@carapace/state/testing";
import type { RunRequest, Runs } from "../runs/types.ts";
import { createIngress } from "./ingress.ts";
import type { Handling, Inbound } from "./types.ts";

const peer: Inbound = {
  runId: "r",
  origin: { kind: "peer", ref: "telegram:ann" },
  message: "hello",
  session: {},
  speaker: { channel: "telegram", sender: "ann" },
  metadata: { channel: "telegram" },
  wishes: { stream: false },
};

/** What a message becomes on its way to the runs. */
async function requested(
  inbound: Partial<Inbound>,
  handling: Handling = "chat",
  answer: Result<undefined> = ok(undefined),
): Promise<Result<RunRequest>> {
  await using temporary = await temporaryState();
  const { sessions } = temporary.state;
  await sessions.create(SessionKey.parse("known"), {}, 1);
  let seen: Result<RunRequest> | undefined;
  const accept: Runs["accept"] = async (_runId, read) => {
    seen = await read();
    return refuse("unavailable", "only looked at");
  };
  const current = () => ({ config: { session: { scope: "per-sender" } } });
  const ingress = createIngress({
    sessions,
    runs: { accept },
    models: { check: () => answer },
    // The only part of a configuration that is looked at.
    config: { current } as unknown as Parameters<typeof createIngress>[0]["config"],
  });
  await ingress.submit({ ...peer, ...inbound }, handling);
  return seen ?? refuse("unavailable", "never read");
}

test("a stranger's message keeps its origin, and goes to the session its speaker shares", async () => {
  expect(await requested({})).toMatchObject({
    ok: true,
    value: {
      runId: "r",
      sessionKey: "telegram:ann",
      metadata: { channel: "telegram" },
      blocks: [{ type: "text", text: "hello", origin: { kind: "peer", ref: "telegram:ann" } }],
      options: { purpose: "turn", announce: true, stream: false },
    },
  });
});

test("a name is a key where there is one, else a hint; an id has to exist", async () => {
  const keyOf = async (session: Inbound["session"]) => {
    const read = await requested({ session });
    return read.ok ? String(read.value.sessionKey) : read.say;
  };
  expect(await keyOf({ name: "known" })).toBe("known");
  expect(await keyOf({ name: "new" })).toBe(hintedSessionKey("new"));
  expect(await keyOf({ id: "nobody" })).toBe("Session not found: nobody");
});

test("a message nobody can answer is refused as a turn, and kept with the reason as chat", async () => {
  const missing = refuse("missing_model", "No model.");
  expect(await requested({}, "turn", missing)).toEqual(missing);
  expect(await requested({}, "chat", missing)).toMatchObject({
    value: { options: { purpose: "refused", say: "No model.", announce: true } },
  });
  expect(await requested({}, "note", missing)).toMatchObject({ value: { options: { purpose: "note" } } });
});

test("a turn is not announced: its caller knows what it said", async () => {
  expect(await requested({}, "turn")).toMatchObject({ value: { options: { announce: false } } });
});

test("an id that is none is refused", async () => {
  for (const runId of ["", "x".repeat(256), "\ud800"]) {
    expect(await requested({ runId })).toMatchObject({ ok: false, code: "invalid_request" });
  }
});

test("a session that can only be read takes no message", async () => {
  const damaged = { key: "k", damage: { say: "It was changed." } } as unknown as Session;
  const { findTarget } = await import("./target.ts");
  await using temporary = await temporaryState();
  const sessions = { ...temporary.state.sessions, findById: async () => damaged };
  expect(await findTarget({ session: { id: "s" }, speaker: {} }, sessions, "global")).toMatchObject({
    code: "conflict",
    say: "It was changed. Or start another one: /new, or cara chat --new.",
  });
});
