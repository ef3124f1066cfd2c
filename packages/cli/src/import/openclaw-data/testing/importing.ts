// Imports a directory of OpenClaw and says after each part how many messages it has: `importing.ts HOME FROM TO`.
import { importOpenClawData } from "../import.ts";
import { placeAt } from "./place.ts";

const [home = "", sourceDir = "", dir = ""] = process.argv.slice(2);
const place = placeAt(dir);
const report = await importOpenClawData({
  ...{ sourceDir, place, dryRun: false },
  world: { env: { HOME: home }, newId: place.newId },
  signal: new AbortController().signal,
  onProgress: ({ messages }) => void process.stdout.write(`${messages}\n`),
});
process.stdout.write(report.ok ? "done\n" : `${report.say}\n`);
