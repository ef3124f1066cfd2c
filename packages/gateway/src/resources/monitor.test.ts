import { expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { openLog } from "../log/log.ts";
import { type Resources, startResourceMonitor } from "./monitor.ts";

const log = openLog({ level: "error", nowMs: () => 0 }).target("resources");
const limits = { minDiskFreeBytes: 100, maxMemoryBytes: 1000, maxOpenFds: 80 };
const fine: Resources = { diskFreeBytes: 500, memoryRssBytes: 500, openFds: 10, uptimeSeconds: 1 };

function monitored() {
  let found = fine;
  const told: (readonly string[])[] = [];
  const monitor = startResourceMonitor({
    stateDir: tmpdir(),
    limits: () => limits,
    uptimeSeconds: () => 1,
    log,
    onTrouble: (reasons) => told.push(reasons),
    look: async () => found,
  });
  const see = async (next: Partial<Resources>) => {
    found = { ...fine, ...next };
    await monitor.look();
  };
  return { monitor, told, see };
}

test("a passed limit is told once, and once when it is kept again with room to spare", async () => {
  const { monitor, told, see } = monitored();
  using _monitor = monitor;
  await see({});
  await see({ diskFreeBytes: 99 });
  await see({ diskFreeBytes: 90 });
  // Within the limit again, but not by enough.
  await see({ diskFreeBytes: 105 });
  expect(told).toHaveLength(1);
  expect(told[0]?.[0]).toContain("free where the state is kept");
  await see({ diskFreeBytes: 200 });
  expect(told.slice(1)).toEqual([[]]);
});

test("each resource has its own sentence, and all that are short are told together", async () => {
  const { monitor, told, see } = monitored();
  using _monitor = monitor;
  await see({ memoryRssBytes: 1001, openFds: 80, diskFreeBytes: 1 });
  expect(told.at(-1)).toHaveLength(3);
  await see({ memoryRssBytes: 1001 });
  expect(told.at(-1)).toHaveLength(1);
  expect(told.at(-1)?.[0]).toContain("of memory");
});

test("what the system does not tell is no trouble", async () => {
  const { monitor, told } = monitored();
  using _monitor = monitor;
  await monitor.look();
  expect(told).toEqual([]);
});

test("this process and its disk are really looked at", async () => {
  using monitor = startResourceMonitor({
    stateDir: tmpdir(),
    limits: () => limits,
    uptimeSeconds: () => 7,
    log,
    onTrouble: () => {},
  });
  const found = await monitor.look();
  expect(found.memoryRssBytes).toBeGreaterThan(10_000_000);
  expect(found.diskFreeBytes).toBeGreaterThan(0);
  expect(found.uptimeSeconds).toBe(7);
  expect(monitor.latest()).toEqual(found);
});
