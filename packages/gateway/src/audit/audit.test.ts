import { expect, test } from "bun:test";
import { chmod, stat } from "node:fs/promises";
import { startTestGateway, type TestGateway } from "../testing/index.ts";
import type { TestLink } from "../testing/link.ts";
import { changedKeys } from "./config-changes.ts";
import { countOpened } from "./opened-secrets.ts";

interface Told {
  readonly event: string;
  readonly actor: string;
  readonly data: Readonly<Record<string, unknown>>;
}

async function told(link: TestLink, event?: string): Promise<Told[]> {
  const { payload } = await link.call("audit.tail", {
    limit: 1000,
    ...(event === undefined ? {} : { event }),
  });
  return payload["records"] as Told[];
}

async function withGateway(work: (link: TestLink, gateway: TestGateway) => Promise<void>, options = {}) {
  await using gateway = await startTestGateway(options);
  using link = await gateway.connect();
  await work(link, gateway);
}

test("the start and whoever comes in are in the log before he is welcomed", () =>
  withGateway(async (link) => {
    const all = await told(link);
    const kinds = ["gateway_started", "key_location_changed", "auth_success"];
    expect(all.map(({ event }) => event)).toEqual(kinds);
    expect(all[1]?.data).toMatchObject({ key: "database", from: "none", to: "file" });
    expect(all[2]).toMatchObject({
      actor: "client:test@local",
      data: { method: "token", client_id: "test", remote_ip: "local", role: "operator" },
    });
  }));

test("a state directory that others could look into is in the log, and narrowed", async () => {
  await using first = await startTestGateway();
  await first.gateway.close("test");
  await chmod(first.stateDir, 0o755);
  await withGateway(
    async (link) => {
      const [wide] = await told(link, "state_dir_wide_pre_existing");
      expect(wide?.data).toMatchObject({ observed_mode: 0o755, wide_mask: 0o055 });
    },
    { stateDir: first.stateDir },
  );
  expect((await stat(first.stateDir)).mode & 0o777).toBe(0o700);
});

test("a wrong token is in the log, the token is not", () =>
  withGateway(async (link, gateway) => {
    const wrong = "an-entirely-wrong-token-0123456789";
    await expect(gateway.connect({ token: wrong })).rejects.toThrow("not connected");
    const [failure] = await told(link, "auth_failure");
    expect(failure?.data).toMatchObject({ method: "token", reason: "unauthorized: token mismatch" });
    expect(JSON.stringify(await told(link))).not.toContain(wrong);
    expect(JSON.stringify(await told(link))).not.toContain(gateway.token);
  }));

test("sessions are told from their birth to their end, users from export to purge", () =>
  withGateway(async (link) => {
    await link.call("sessions.create", { key: "a", userId: "u1" });
    await link.call("sessions.create", { key: "b" });
    await link.call("sessions.delete", { key: "b" });
    await link.call("sessions.delete", { key: "none" });
    await link.call("sessions.export_user", { userId: "u1" });
    await link.call("sessions.purge_user", { userId: "u1" });
    const kinds = (await told(link)).map(({ event }) => event).slice(3);
    expect(kinds).toEqual([
      "session_created",
      "session_created",
      "session_deleted",
      "data_exported",
      "session_purged",
    ]);
    const [purged] = await told(link, "session_purged");
    expect(purged?.data).toMatchObject({ user_id: "u1", deleted_count: 1, total_count: 1 });
  }));

test("a written configuration is told by its keys, never by its values", () =>
  withGateway(
    async (link, gateway) => {
      const { payload } = await link.call("config.get");
      const raw = JSON.stringify({ logging: { level: "debug" }, usage: { enabled: false } });
      const patched = await link.call("config.patch", { raw, baseHash: payload["hash"] });
      expect(patched.ok).toBe(true);
      const [changed] = await told(link, "config_changed");
      expect(changed?.data).toMatchObject({ method: "config.patch" });
      expect(String(changed?.data["key_path"])).toContain("logging.level");
      expect(String(changed?.data["key_path"])).not.toContain("debug");
      expect(await Bun.file(`${gateway.stateDir}/carapace.json`).exists()).toBe(true);
    },
    { config: {} },
  ));

test("tools are told with agent and session, without arguments", async () => {
  const secretNote = "the note nobody may read in a log";
  const calls = [
    { id: "c1", name: "memory_write", input: { key: "k", value: secretNote } },
    { id: "c2", name: "current_time", input: {} },
  ];
  const agents = { defaults: { tools: { policy: "deny-list", list: ["memory_write"] } } };
  await withGateway(
    async (link) => {
      const { payload } = await link.call("chat.send", {
        sessionKey: "s",
        message: "go",
        idempotencyKey: "r1",
      });
      await link.ended(String(payload["runId"] ?? "r1"));
      const all = await told(link);
      const kinds = all.filter(({ event }) => event.startsWith("tool_"));
      expect(kinds.map(({ event, data }) => [event, data["tool_name"]])).toEqual([
        ["tool_denied", "memory_write"],
        ["tool_executed", "current_time"],
      ]);
      for (const { actor, data } of kinds) {
        expect(actor).toStartWith("agent:");
        expect(data["session_id"]).toBeString();
      }
      expect(JSON.stringify(all)).not.toContain(secretNote);
    },
    { replies: [{ calls }, { text: "done" }], config: { agents } },
  );
});

test("reading and checking the log needs the admin scope", async () => {
  await using gateway = await startTestGateway();
  using link = await gateway.connect({ scopes: ["operator.read", "operator.write", "operator.pairing"] });
  expect(await link.call("audit.tail")).toMatchObject({
    ok: false,
    message: expect.stringContaining("admin"),
  });
  expect(await link.call("audit.verify")).toMatchObject({ ok: false });
});

test("the log verifies over a restart, an export is signed at both ends, and pages follow each other", async () => {
  await using first = await startTestGateway();
  using link = await first.connect();
  for (const key of ["a", "b", "c"]) await link.call("sessions.create", { key });
  const page = (await link.call("audit.tail", { afterSeq: 0, limit: 2, signed: true })).payload;
  expect(page).toMatchObject({ headSeq: 6, end: { data: { seq: 2, reason: "export" } } });
  expect(page["start"]).toBeUndefined();
  const next = (await link.call("audit.tail", { afterSeq: 2, limit: 2, signed: true })).payload;
  expect(next).toMatchObject({ start: { data: { seq: 2, reason: "start" } }, end: { data: { seq: 4 } } });
  const { payload } = await link.call("audit.verify");
  expect(payload).toMatchObject({ records: 6, findings: [] });
});

test("changed keys are named, however deep, and bounded", () => {
  expect(changedKeys({ a: { b: 1, c: [1] } }, { a: { b: 2, c: [1] }, d: 1 })).toBe("a.b, d");
  expect(changedKeys({ a: 1 }, { a: 1 })).toBe("");
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`k${n}`, n]));
  expect(changedKeys({}, many)).toEndWith(", and 24 more");
});

test("the owner's commands tell what they did, and nothing else is taken from outside", () =>
  withGateway(async (link) => {
    const note = (event: string, data: unknown) => link.call("audit.note", { event, data });
    expect(await note("secret_revealed", { name: "openai.apiKey", value: "hunter2" })).toMatchObject({
      ok: true,
    });
    expect(await note("auth_success", { method: "token" })).toMatchObject({ ok: false });
    expect(await note("backup_created", { path: 5 })).toMatchObject({ ok: false });
    expect((await told(link, "secret_revealed"))[0]?.data).toEqual({
      type: "secret_revealed",
      name: "openai.apiKey",
    });
    expect(await told(link)).toHaveLength(4);
  }));

test("sealed values that were opened are counted, those that were not are not", () => {
  const written = { a: "enc:v2:x", b: ["enc:v2:y", "plain"], c: { d: "enc:v2:z" } };
  expect(countOpened(written, { a: "1", b: ["2", "plain"], c: { d: null } })).toBe(2);
  expect(countOpened({ a: "x" }, { a: "x" })).toBe(0);
});
