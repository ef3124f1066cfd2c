import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "@carapace/protocol";
import { root } from "../../test/support/gateway-process.ts";
import type { Measure } from "../figure.ts";

/** What `npm ci --omit=dev` puts on the disk of this platform, with the project itself. */
export const measure: Measure = async () => {
  const lock: unknown = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const entries = isRecord(lock) && isRecord(lock["packages"]) ? Object.entries(lock["packages"]) : [];
  const installed = entries.filter(
    ([path, facts]) =>
      path.startsWith("node_modules/") && isRecord(facts) && facts["dev"] !== true && facts["link"] !== true,
  );
  const folders = [...installed.map(([path]) => path), "packages", "scripts", "docs"];
  const bytes = folders.reduce((sum, folder) => sum + sizeOf(join(root, folder)), 0);
  return [{ name: "installed size", unit: "MiB", samples: [bytes / 2 ** 20], limit: 190, bound: "most" }];
};

/** Bytes of the files below, links not followed, packages nested in it not counted (they have their own entry). */
function sizeOf(path: string): number {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined || facts.isSymbolicLink()) return 0;
  if (!facts.isDirectory()) return facts.size;
  return readdirSync(path).reduce(
    (sum, name) => sum + (name === "node_modules" ? 0 : sizeOf(join(path, name))),
    0,
  );
}
