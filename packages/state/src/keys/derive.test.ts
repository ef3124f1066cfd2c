import { expect, test } from "bun:test";
import { createMacs } from "../integrity/macs.ts";
import { deriveKeys } from "./derive.ts";

// Pinned: a change would make every existing database unreadable.
test("the derived keys and MACs of a known key stay what they are", () => {
  const keys = deriveKeys(new Uint8Array(32));
  const macs = createMacs(keys);
  const known = {
    database: keys.database,
    record: Buffer.from(keys.record).toString("hex"),
    content: Buffer.from(keys.content).toString("hex"),
    recordMac: Buffer.from(macs.record("kind", ["é", 1, null, new Uint8Array([0, 255])])).toString("hex"),
    contentMac: Buffer.from(macs.content("text")).toString("hex"),
  };
  expect(known).toMatchInlineSnapshot(`
    {
      "content": "dde6963f150ff38ee6f22d22ede4471536017873dfebdf8763bcaa7c4e20b328",
      "contentMac": "83b2e4869f6ca553090b8d9750a574529e8494496b5fad82e186b09896177d83",
      "database": "dd63794533b12f6d53fb2e4b366144f6fb6d49fd93d7e79d471e7826049c5c67",
      "record": "5e9df1529ef3b1abca0a32ae7e3b2390d8f7a951f0cb2eaec0b53d8eb0ff7a21",
      "recordMac": "da41fc8c24a40a99346de114f676da934d74fb8313a4d6b7fa6bf47516f0df77",
    }
  `);
});

test("keys of different purposes and of different roots differ", () => {
  const a = deriveKeys(new Uint8Array(32));
  const b = deriveKeys(new Uint8Array(32).fill(1));
  const all = [a, b].flatMap((keys) => [
    keys.database,
    ...[keys.record, keys.content].map((key) => Buffer.from(key).toString("hex")),
  ]);
  expect(new Set(all).size).toBe(6);
});
