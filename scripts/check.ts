/** Types, lint and format, layers, sizes, dead code, generated pages, lock file: everything a machine can hold. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkLayers } from "./check-layers.ts";
import { checkOutgoing } from "./check-outgoing.ts";
import { checkSizes } from "./check-sizes.ts";
import { sourceFiles } from "./source-files.ts";

const root = join(import.meta.dir, "..");
const bin = (name: string): string => join(root, "node_modules", ".bin", name);
/** Node's own tools run on Bun: the check needs no other runtime than the one npm brought. */
const onBun = (name: string, ...rest: string[]): string[] => [process.execPath, "--bun", bin(name), ...rest];

type Check = () => Promise<string[]>;

const checks: Readonly<Record<string, Check>> = {
  types: () => command(onBun("tsc", "--noEmit", "-p", "tsconfig.json")),
  "lint and format": () => command(onBun("biome", "check", "--error-on-warnings", ".")),
  layers: async () => checkLayers(root, sourceFiles(root)),
  "way out": async () => checkOutgoing(root, sourceFiles(root)),
  sizes: async () => checkSizes(root, sourceFiles(root)),
  "dead code": () => command(onBun("knip", "--no-progress", "--no-config-hints")),
  "reference pages": () => command([process.execPath, join(root, "scripts", "reference.ts"), "--check"]),
  "lock file": async () => lockFile(),
  "one version": async () => oneVersion(),
};

const only = process.argv.slice(2);
let broken = 0;
for (const [name, check] of Object.entries(checks)) {
  if (only.length > 0 && !only.some((word) => name.includes(word))) continue;
  const startedMs = performance.now();
  const problems = await check();
  console.log(
    `${problems.length === 0 ? "ok  " : "FAIL"} ${name} (${Math.round(performance.now() - startedMs)} ms)`,
  );
  for (const problem of problems) console.log(`     ${problem.replaceAll("\n", "\n     ")}`);
  if (problems.length > 0) broken += 1;
}
process.exit(broken > 0 ? 1 : 0);

async function command(argv: string[]): Promise<string[]> {
  const run = Bun.spawn(argv, {
    cwd: root,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const [out, err, code] = await Promise.all([run.stdout.text(), run.stderr.text(), run.exited]);
  return code === 0 ? [] : [`${out}${err}`.trim()];
}

function lockFile(): string[] {
  const text = readFileSync(join(root, "package-lock.json"), "utf8");
  return /"resolved": "https?:/.test(text)
    ? ["package-lock.json names download addresses; npm install with this project's .npmrc"]
    : [];
}

/** Every package, and the constant that `cara --version` prints, carry the same version. */
function oneVersion(): string[] {
  const versionOf = (path: string): string =>
    (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
  const wanted = versionOf(join(root, "package.json"));
  const said = /version = "([^"]+)"/.exec(
    readFileSync(join(root, "packages/protocol/src/version.ts"), "utf8"),
  )?.[1];
  const packages = readdirSync(join(root, "packages")).map((name) => join("packages", name, "package.json"));
  const wrong = packages.filter((path) => versionOf(join(root, path)) !== wanted);
  return [
    ...(said === wanted ? [] : [`packages/protocol/src/version.ts says ${said}, package.json ${wanted}`]),
    ...wrong.map((path) => `${path} is not at ${wanted}`),
  ];
}
