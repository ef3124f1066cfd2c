import { expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../support/gateway-process.ts";

/** A folder that tries to run its own code in whoever starts Bun there. Its code would leave the file `ran`. */
function hostileFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "carapace-hostile-"));
  const ran = JSON.stringify(join(folder, "ran"));
  const evil = join(folder, "evil.ts");
  writeFileSync(evil, `require("node:fs").writeFileSync(${ran}, "");`);
  for (const name of ["bunfig.toml", ".bunfig.toml"])
    writeFileSync(join(folder, name), `preload = [${JSON.stringify(evil)}]\n`);
  const evilState = join(folder, "evil-state");
  for (const name of [".env", ".env.local"])
    writeFileSync(join(folder, name), `CARAPACE_STATE_DIR=${evilState}\n`);
  const paths = { "@carapace/*": ["./evil.ts"], zod: ["./evil.ts"], "node:fs": ["./evil.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: { baseUrl: ".", paths } }));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "evil", type: "commonjs" }));
  for (const name of ["zod", "libsql", "hono"]) {
    const place = join(folder, "node_modules", name);
    mkdirSync(place, { recursive: true });
    writeFileSync(
      join(place, "package.json"),
      JSON.stringify({ name, version: "9.9.9", main: "../../evil.ts" }),
    );
  }
  return folder;
}

test("a folder with a hostile bunfig, .env, tsconfig, package.json and node_modules changes nothing", async () => {
  const folder = hostileFolder();
  try {
    const link = join(folder, "a link");
    symlinkSync(join(root, "cara"), link);
    const home = join(folder, "home");
    const state = join(home, "state");
    mkdirSync(home);
    const env = {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      XDG_CONFIG_HOME: folder,
      CARAPACE_STATE_DIR: state,
      CARAPACE_CREDENTIAL_STORE: "off",
    };
    for (const words of [["--version"], ["config", "path"], ["config", "show"]]) {
      const child = Bun.spawn([link, ...words], {
        cwd: folder,
        env,
        stdin: "ignore",
        stdout: "pipe",
        stderr: "pipe",
      });
      await child.exited;
      expect(existsSync(join(folder, "ran"))).toBe(false);
      expect(existsSync(join(folder, "evil-state"))).toBe(false);
      expect(child.exitCode).toBe(0);
      if (words[1] === "path") expect(await child.stdout.text()).toBe(`${join(state, "carapace.json")}\n`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 15_000);
