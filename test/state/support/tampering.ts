import { expect } from "bun:test";
import { RunId, SessionKey } from "@carapace/protocol";
import type { Damage, State } from "@carapace/state";
import {
  modelSays,
  ownerSays,
  rawDatabase,
  runOf,
  type TemporaryState,
  temporaryState,
} from "@carapace/state/testing";

export type Raw = Awaited<ReturnType<typeof rawDatabase>>;
export type Cells = Record<string, unknown>;

export const victim = SessionKey.parse("victim");
const bystander = SessionKey.parse("bystander");

/** A state with a bit of everything, in two sessions: one to be attacked, one that must not notice. */
export async function furnished(): Promise<
  TemporaryState & { readonly victimId: string; readonly bystanderId: string }
> {
  const fixture = await temporaryState();
  const { sessions, memory, devices, settings, runs, usage } = fixture.state;
  const a = await sessions.upsert(victim, { agentId: "main", name: "Victim" }, 1000);
  const b = await sessions.upsert(bystander, { agentId: "main" }, 1000);
  for (let n = 1; n <= 5; n++) {
    await sessions.append(a.id, [ownerSays(`victim text ${n}`, `a${n}`)]);
    await sessions.append(b.id, [ownerSays(`bystander text ${n}`, `b${n}`)]);
  }
  await sessions.compact(a.id, {
    throughSeq: 2,
    summary: modelSays("a summary").blocks,
    messagesCompacted: 2,
    createdAtMs: 5,
  });
  await sessions.archive(a.id, false, 1500);
  await runs.accept(runOf("run-a", "victim", "pay 5 to Ada"));
  await runs.accept(runOf("run-b", "bystander", "water the plants"));
  await runs.accept(runOf("run-done", "victim", "order a pizza"));
  await runs.finish(RunId.parse("run-done"), { status: "cancelled" }, 1600);
  await usage.record({
    provider: "p",
    model: "p:m",
    sessionKey: victim,
    agentId: "main",
    usage: { inputTokens: 1, outputTokens: 1 },
    costUsd: 1,
    atMs: 5,
  });
  await memory.write("main", {
    key: "bank",
    value: "Ada's account is 1",
    origin: { kind: "owner" },
    updatedAtMs: 5,
  });
  await memory.write("main", { key: "colour", value: "green", origin: { kind: "owner" }, updatedAtMs: 5 });
  const device = {
    deviceId: "phone",
    publicKey: "pk",
    roles: ["operator"],
    scopes: ["operator.read"],
    createdAtMs: 1,
    approvedAtMs: 1,
  };
  await devices.save(device);
  await devices.save({ ...device, deviceId: "laptop" });
  const token = {
    deviceId: "phone",
    role: "operator",
    scopes: [],
    issuedAtMs: 1,
    expiresAtMs: 9,
    revoked: false,
  };
  await devices.rotateToken({ ...token, tokenHash: "old" });
  await devices.rotateToken({ ...token, tokenHash: "new" });
  await settings.set("cursor", 1);
  return Object.assign(fixture, { victimId: a.id, bystanderId: b.id });
}

/** Closes the state, lets `change` work on the file with the page key in its hands, and opens the state again. */
export async function tampered(
  fixture: TemporaryState,
  change: (raw: Raw) => void,
): Promise<{ state: State; damage: readonly Damage[] }> {
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  change(raw);
  raw.close();
  const state = await fixture.reopen();
  return { state, damage: await state.verify() };
}

export async function expectSetAside(state: State, sessionId: string): Promise<void> {
  const refusal = { code: "session_damaged" };
  await expect(state.sessions.append(sessionId, [ownerSays("more")])).rejects.toMatchObject(refusal);
  await expect(state.sessions.history(sessionId, { intactOnly: true })).rejects.toMatchObject(refusal);
  await expect(state.runs.accept(runOf("run-new", "victim", "x"))).rejects.toMatchObject(refusal);
  expect(await state.runs.begin(RunId.parse("run-a"), 9).catch(() => undefined)).toBeUndefined();
  expect(await state.sessions.find(victim)).toMatchObject({ damage: { scope: "session", name: "victim" } });
  expect(Array.isArray(await state.sessions.history(sessionId, {}))).toBe(true);
  expect((await state.runs.unfinished()).map(({ id }) => String(id))).toEqual(["run-b"]);
}

export async function expectUntouched(state: State, sessionId: string): Promise<void> {
  expect(await state.sessions.history(sessionId, { intactOnly: true })).toHaveLength(5);
  expect((await state.sessions.find(bystander))?.damage).toBeUndefined();
  expect(await state.runs.begin(RunId.parse("run-b"), 9)).toMatchObject({ status: "running" });
  const last = { message: modelSays("done") };
  await state.runs.finish(RunId.parse("run-b"), { status: "completed", last }, 10);
  expect(await state.sessions.search("bystander", { limit: 10 })).toHaveLength(5);
}
