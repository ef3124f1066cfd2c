import { afterAll, test } from "bun:test";
import { openGround } from "./ground.ts";
import type { PathsOn } from "./path.ts";
import { ahead } from "./pool.ts";
import { walk } from "./walk.ts";

/** As many as two processors keep busy while vendors and timers are waited for. */
const atOnce = 3;

/** A test for each path; they are walked side by side. */
export async function walkAll(pathsOn: PathsOn): Promise<void> {
  const ground = await openGround();
  afterAll(() => ground[Symbol.asyncDispose]());
  const paths = pathsOn(ground);
  const walked = ahead(
    paths.map((path) => () => walk(path, ground)),
    atOnce,
  );
  for (const [index, { name }] of paths.entries()) {
    test(name, () => walked(index), 60_000);
  }
}
