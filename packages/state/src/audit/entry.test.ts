import { expect, test } from "bun:test";
import fc from "fast-check";
import { canonicalJson, canonicalNumber } from "./canonical-json.ts";
import { type AuditEvent, settle } from "./entry.ts";
import { auditKinds, dataType } from "./kinds.ts";
import { hashOf, hashOfParsed } from "./record.ts";

const plain = (text: string) => text;

function denied(tool_name: string): AuditEvent {
  return { actor: "owner", event: "tool_denied", data: { tool_name, agent_id: "main", policy: "p" } };
}

test("canonical text is ASCII with sorted names, and parses to what it stands for", () => {
  expect(canonicalJson({ b: 1, a: "é\u202e\n\u007f😀", c: [null, true, 0.25] })).toBe(
    '{"a":"\\u00e9\\u202e\\n\\u007f\\ud83d\\ude00","b":1,"c":[null,true,0.25]}',
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer(), (text, n) => {
      const value = { text, n, list: [text] };
      const written = canonicalJson(value);
      expect(written).toMatch(/^[ -~]*$/);
      expect(JSON.parse(written)).toEqual(value);
    }),
    { seed: 3, numRuns: 500 },
  );
});

test("numbers other programs write differently never get into the log", () => {
  expect([0.12345, -0, 1e300, Number.NaN, 1e-9, 3.5].map(canonicalNumber)).toEqual([
    0.123,
    0,
    Number.MAX_SAFE_INTEGER,
    0,
    0,
    3.5,
  ]);
  expect(() => canonicalJson(1e-7)).toThrow(RangeError);
  const record = { seq: 1, ts: "t", actor: "a", event: "e", prevHash: "0" };
  expect(hashOfParsed({ ...record, data: { n: 1e-7 } })).toBeUndefined();
  expect(hashOfParsed({ ...record, data: { n: 1 } })).toBe(hashOf({ ...record, data: '{"n":1}' }));
});

test("the hash of a known record stays what it is", () => {
  const record = { seq: 7, ts: "2026-01-01T00:00:00.000Z", actor: "owner", event: "x", data: '{"type":"x"}' };
  expect(hashOf({ ...record, prevHash: "0".repeat(64) })).toBe(
    new Bun.CryptoHasher("sha256")
      .update(
        `{"actor":"owner","data":{"type":"x"},"event":"x","prevHash":"${"0".repeat(64)}","seq":7,"ts":"2026-01-01T00:00:00.000Z"}`,
      )
      .digest("hex"),
  );
});

test("texts are redacted, bounded, and cannot leave their line", () => {
  const redact = (text: string) => text.replaceAll("hunter2", "[REDACTED]");
  const { data } = settle(denied(`hunter2 ${"é".repeat(9000)}\n\u001b[2J`), redact);
  expect(data.length).toBeLessThanOrEqual(4096 - 800);
  expect(data).not.toContain("hunter2");
  expect(JSON.parse(data).tool_name).toEndWith("…[truncated]");
  const { actor } = settle({ ...denied("x"), actor: "a\0\n\u202eb" }, plain);
  expect(actor).toBe("a???b");
});

test("digests and UUIDs that are ids are kept, whatever looks for secrets", () => {
  const id = "a".repeat(64);
  const event: AuditEvent = {
    actor: "owner",
    event: "device_paired",
    data: { device_id: id, remote_ip: "::1" },
  };
  expect(JSON.parse(settle(event, () => "[REDACTED]").data)).toEqual({
    type: "device_paired",
    device_id: id,
    remote_ip: "[REDACTED]",
  });
});

test("fields a kind does not have are left out", () => {
  const event = { ...denied("x"), data: { tool_name: "x", agent_id: "m", policy: "p", text: "secret" } };
  expect(settle(event as AuditEvent, plain).data).not.toContain("secret");
});

test("every kind of the reference is there, under its own type", () => {
  expect(auditKinds.length).toBeGreaterThan(60);
  expect(dataType("matrix_recovery_key_restore")).toBe("matrix_recovery_key_restored");
  expect(dataType("matrix_recovery_key_rotate")).toBe("matrix_recovery_key_rotated");
  expect(dataType("session_created")).toBe("session_created");
});
