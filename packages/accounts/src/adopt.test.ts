import { expect, test } from "bun:test";
import { chmodSync, statSync } from "node:fs";
import { Secret } from "@carapace/config";
import { accountsWorld } from "../testing/index.ts";
import { adoptProfiles } from "./adopt.ts";
import { openAccounts } from "./open.ts";

test("sign-ins of another directory come along once, sealed as they are, and that directory stays as it is", async () => {
  using theirs = accountsWorld();
  using ours = accountsWorld();
  const made = openAccounts(theirs.world).setupToken(new Secret(`sk-ant-oat01-${"a".repeat(80)}`));
  expect(made.ok && (await made.value.store()).ok).toBe(true);
  const before = theirs.text();
  chmodSync(theirs.path, 0o644);
  expect(await adoptProfiles(ours.world.env, theirs.folder)).toEqual({ ok: true, value: 1 });
  expect(await adoptProfiles(ours.world.env, theirs.folder)).toEqual({ ok: true, value: 0 });
  expect(theirs.text()).toBe(before);
  expect(statSync(theirs.path).mode & 0o777).toBe(0o644);
  expect(JSON.parse(ours.text())).toEqual(JSON.parse(before));
  expect(await openAccounts(ours.world).list()).toMatchObject({ value: [{ state: "ready" }] });
});

test("a directory without sign-ins brings none, and a damaged file is refused", async () => {
  using theirs = accountsWorld();
  using ours = accountsWorld();
  expect(await adoptProfiles(ours.world.env, theirs.folder)).toEqual({ ok: true, value: 0 });
  theirs.write("[]");
  expect(await adoptProfiles(ours.world.env, theirs.folder)).toMatchObject({ ok: false, code: "conflict" });
});
