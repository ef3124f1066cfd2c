import { expect, test } from "bun:test";
import { temporaryState } from "@carapace/state/testing";
import { sparingDisk } from "./disk-floor.ts";

const picture = { mime: "image/png", ttlMs: 3_600_000, nowMs: 1000 };
const floorMiB = () => 100;
const floor = 100 * 1024 * 1024;

async function* bytes() {
  yield Buffer.from("picture");
}

test.each([floor - 1, 0])("with %d bytes free no file is taken, and nothing of it is left", async (free) => {
  await using at = await temporaryState();
  const { media } = sparingDisk(at.state, { freeBytes: async () => free, floorMiB });
  const refused = await media.put(bytes(), picture).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "disk_full", message: expect.stringContaining("100 MiB") });
  expect(await at.state.media.list()).toEqual([]);
});

test.each([floor, undefined])("with %p bytes free a file is taken", async (free) => {
  await using at = await temporaryState();
  const { media } = sparingDisk(at.state, { freeBytes: async () => free, floorMiB });
  const { id } = await media.put(bytes(), picture);
  expect(await media.open(id, 1000)).toMatchObject({ media: { sizeBytes: 7 } });
});
