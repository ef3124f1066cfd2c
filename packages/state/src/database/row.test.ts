import { expect, test } from "bun:test";
import { rawDatabase, temporaryState } from "../testing/index.ts";
import { Connection } from "./connection.ts";
import {
  blobColumns,
  bytes,
  integer,
  lossyText,
  numberColumns,
  type Row,
  readable,
  storedMac,
  text,
  textColumns,
} from "./row.ts";

async function opened() {
  const at = await temporaryState();
  await at.close();
  const raw = await rawDatabase(at.dir, at.keys);
  // A table that takes any value, as a damaged record has them.
  raw.exec("CREATE TABLE any(n INTEGER PRIMARY KEY, a, mac)");
  const connection = new Connection(raw, at.dir);
  const row = (columns: string, a: string): Row => {
    connection.run(`INSERT OR REPLACE INTO any(n, a, mac) VALUES(1, ${a}, ${a})`);
    return connection.get(`SELECT n, ${columns} FROM any WHERE any.a IS NOT NULL ORDER BY any.a`) ?? {};
  };
  return {
    connection,
    row,
    [Symbol.asyncDispose]: async () => {
      raw.close();
      await at[Symbol.asyncDispose]();
    },
  };
}

const notUtf8 = "CAST(x'ff41' AS TEXT)";

test("text that is not UTF-8 is damage in a column of any type", async () => {
  await using at = await opened();
  expect(() => text(at.row(textColumns("a"), notUtf8), "a")).toThrow("cannot be read");
  expect(lossyText(at.row(textColumns("a"), notUtf8), "a")).toBe("\ufffdA");
  expect(() => integer(at.row(numberColumns("a"), notUtf8), "a")).toThrow("cannot be read");
  expect(() => bytes(at.row(blobColumns("a"), notUtf8), "a")).toThrow("cannot be read");
  expect(storedMac(at.row(blobColumns("mac"), notUtf8))).toEqual(new Uint8Array());
  expect(readable(() => integer(at.row(numberColumns("a"), notUtf8), "a"))).toBeUndefined();
});

test("text in the place of a number is not taken for one, nor a number for bytes", async () => {
  await using at = await opened();
  expect(() => integer(at.row(numberColumns("a"), "'12'"), "a")).toThrow("cannot be read");
  expect(() => integer(at.row(numberColumns("a"), "1.5"), "a")).toThrow("cannot be read");
  expect(() => bytes(at.row(blobColumns("a"), "'12'"), "a")).toThrow("cannot be read");
  expect(() => bytes(at.row(blobColumns("a"), "12"), "a")).toThrow("cannot be read");
});

test("what is whole is read unchanged, of a table with another name and of an expression, too", async () => {
  await using at = await opened();
  expect(text(at.row(textColumns("any.a"), "'\u{1f600}'"), "a")).toBe("\u{1f600}");
  expect(integer(at.row(numberColumns("MAX(any.a) AS most"), "12"), "most")).toBe(12);
  expect(bytes(at.row(blobColumns("a"), "x'0102'"), "a")).toEqual(new Uint8Array([1, 2]));
});

test("a statement that gives out a column as it is stored is refused", async () => {
  await using at = await opened();
  expect(() => at.connection.get("SELECT a FROM any")).toThrow("any.a is read as it is stored");
  expect(() => at.connection.get("SELECT n FROM seals")).toThrow("seals.n is read as it is stored");
});

test("a statement that does not fit the tables there are says that they are damaged", async () => {
  await using at = await opened();
  expect(() => at.connection.get("SELECT 1 FROM nothing")).toThrow("its schema is damaged");
});
