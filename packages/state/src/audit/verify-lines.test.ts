import { expect, test } from "bun:test";
import { generateKeyPairSync } from "node:crypto";
import { createHeadSigner, headLine } from "./head.ts";
import { firstPrevHash, hashOf, recordLine } from "./record.ts";
import { verifyAuditLines } from "./verify-lines.ts";

function signer() {
  const { privateKey } = generateKeyPairSync("ed25519");
  return createHeadSigner(privateKey.export({ format: "der", type: "pkcs8" }));
}

const ts = "2026-01-01T00:00:00.000Z";

/** Four records and the head that closes them. */
function exported(key = signer(), event = "tool_denied"): string[] {
  const lines: string[] = [];
  let hash = firstPrevHash;
  for (let seq = 1; seq <= 4; seq++) {
    const raw = { seq, ts, actor: "owner", event, prevHash: hash };
    const data = `{"n":${seq},"type":"${event}"}`;
    hash = hashOf({ ...raw, data });
    lines.push(recordLine({ ...raw, data, hash }));
  }
  return [...lines, headLine(key.sign({ ts, seq: 4, hash, reason: "export" }))];
}

async function* stream(lines: readonly string[]) {
  yield* lines;
}

async function findingsOf(lines: readonly string[], pinned?: string) {
  const { findings } = await verifyAuditLines(stream(lines), pinned);
  return findings.map(({ kind, seq, line }) => [kind, seq ?? `line ${line}`]);
}

test("a whole export verifies, and tells who signed it", async () => {
  const key = signer();
  const report = await verifyAuditLines(stream(exported(key)), key.publicKey);
  expect(report).toEqual({
    records: 4,
    firstSeq: 1,
    lastSeq: 4,
    signedThrough: 4,
    publicKeys: [key.publicKey],
    unchained: 0,
    findings: [],
  });
});

const [one = "", two = "", three = "", four = "", head = ""] = exported();

test.each([
  ["changed", [one, two.replace('"n":2', '"n":7'), three, four, head], [["changed", 2]]],
  ["removed", [one, three, four, head], [["removed", 2]]],
  ["put elsewhere", [one, three, two, four, head], [["reordered", 2]]],
  ["given twice", [one, two, two, three, four, head], [["slipped_in", 2]]],
  ["the first and removed", [two, three, four, head], [["removed", 1]]],
  ["before the head and removed", [one, two, three, head], [["removed", 4]]],
  ["not followed by its head", [one, two, three, four], [["truncated", "line 4"]]],
  ["no JSON", [one, two, three, four, "{", head], [["unreadable", "line 5"]]],
  ["too long", [one, two, three, four, `{"a":"${"x".repeat(20_000)}"}`, head], [["unreadable", "line 5"]]],
  ["not a record", [one, two, three, four, '{"seq":9}', head], [["unreadable", "line 5"]]],
  [
    "written so that another parser reads something else",
    [one.replace('"event"', '"event":"nothing","event"'), two, three, four, head],
    [["changed", "line 1"]],
  ],
  [
    "under a head that was changed",
    [one, two, three, four, head.replace('"signature":"', '"signature":"AAAA')],
    [["bad_head", 4]],
  ],
])("a file with a record that is %s is refused, and the place named", async (_what, lines, expected) => {
  expect(await findingsOf(lines)).toEqual(expected.map(([kind, at]) => [kind, at] as never));
});

test("a log cut at an older head is found, since only the last head closes an export", async () => {
  const key = signer();
  const lines = exported(key);
  const { hash } = JSON.parse(lines[1] ?? "");
  const periodic = headLine(key.sign({ ts, seq: 2, hash, reason: "periodic" }));
  expect(await findingsOf([...lines.slice(0, 2), periodic])).toEqual([["truncated", "line 3"]]);
  expect(await findingsOf([...lines.slice(0, 2), periodic, ...lines.slice(2)])).toEqual([]);
});

test("a log that somebody wrote anew with a key of his own is found if the key is known", async () => {
  const key = signer();
  const forged = exported(signer(), "gateway_started");
  expect(await findingsOf(forged)).toEqual([]);
  expect(await findingsOf(forged, key.publicKey)).toEqual([["other_key", 4]]);
});

test("a part of a log is whole if its beginning is signed, and not otherwise", async () => {
  const key = signer();
  const lines = exported(key);
  const { hash } = JSON.parse(lines[1] ?? "");
  const start = headLine(key.sign({ ts, seq: 2, hash, reason: "start" }));
  const cut = headLine(key.sign({ ts, seq: 2, hash, reason: "cut" }));
  const periodic = headLine(key.sign({ ts, seq: 2, hash, reason: "periodic" }));
  expect(await findingsOf([start, ...lines.slice(2)])).toEqual([]);
  expect(await findingsOf([cut, ...lines.slice(2)])).toEqual([]);
  expect(await findingsOf([periodic, ...lines.slice(2)])).toEqual([["removed", 1]]);
});

test("a log of the reference has no chain, which is said instead of found", async () => {
  const line = '{"ts":"2026-01-01T00:00:00Z","event":"auth_success","data":{"type":"auth_success"}}';
  const report = await verifyAuditLines(stream([line, line]));
  expect(report).toMatchObject({ records: 0, unchained: 2, findings: [] });
});

test("a line without a chain is found if it stands among records, for an export has such lines before them", async () => {
  const foreign = '{"ts":"2026-01-01T00:00:00Z","event":"tool_denied","data":{}}';
  expect(await findingsOf([foreign, one, two, three, four, head])).toEqual([]);
  expect(await findingsOf([one, two, foreign, three, four, head])).toEqual([["slipped_in", "line 3"]]);
});

test("a file that was emptied does not pass for a log without records", async () => {
  expect(await findingsOf([])).toEqual([["truncated", "line undefined"]]);
});
