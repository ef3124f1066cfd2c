// The entry point. `cara --version` must not wait for anything: the rest loads only if it is needed.
export {};

const words = process.argv.slice(2);
const first = words[0];

if (first === "--version" || first === "-V") {
  const [{ version }, { writeSync }] = await Promise.all([
    import("@carapace/protocol/version"),
    import("node:fs"),
  ]);
  try {
    writeSync(1, `cara ${version}\n`);
  } catch {
    // Nobody can be told on a stdout that takes nothing; the exit code says it.
    process.exitCode = 1;
  }
} else {
  const [{ runCli }, { createOutput }, { reportCrashes }, { collectSecrets }, { withGivenPassword }] =
    await Promise.all([
      import("./cli.ts"),
      import("./output/output.ts"),
      import("./crash/crash.ts"),
      import("@carapace/config/redaction"),
      import("@carapace/config/given-password"),
    ]);
  const { env, refusal } = withGivenPassword(process.env);
  const out = createOutput({ stdout: 1, stderr: 2, secrets: () => collectSecrets(undefined, env) });
  reportCrashes(out);
  const world = { env, out, nowMs: Date.now, newId: () => crypto.randomUUID() };
  const code = refusal === undefined ? await runCli(words, world) : out.fail(refusal.say);
  // What a command opened it has closed; timers and a half-read stdin must not keep the process.
  process.exit(code === 0 && out.hasFailed() ? 1 : code);
}
