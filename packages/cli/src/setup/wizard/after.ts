import type { ExitCode } from "../../command/definition.ts";
import { openAsker } from "../../prompt/open-asker.ts";
import type { CliWorld } from "../../world.ts";
import type { SetupReport } from "../report.ts";
import { nextLines } from "../tell.ts";

/** What was written, and how it was asked. */
export interface Written {
  readonly report: SetupReport;
  /** Every step was asked, so these are too. */
  readonly asksFirst: boolean;
  /** `--verify`: it is proven without being asked, and decides the exit code. */
  readonly mustProve: boolean;
}

type Check = "status" | "verify" | "chat";

/**
 * Steps 13 and 14 of cli.md §3.10: the quick way proves at once what can be proven, every step asks. What fails here
 * is told, and changes nothing, unless the owner asked for proof.
 */
export async function offerChecks(written: Written, world: CliWorld): Promise<ExitCode> {
  if (written.mustProve) {
    const { ok } = await run.verify(written.report, world);
    tellNext(written.report, world);
    return ok ? 0 : 1;
  }
  const wanted = written.asksFirst ? await askChecks(written.report, world) : quickChecks(written.report);
  for (const check of wanted) if (check !== "chat") await run[check](written.report, world);
  tellNext(written.report, world);
  if (wanted.includes("chat")) await run.chat(written.report, world);
  return 0;
}

function tellNext(report: SetupReport, world: CliWorld): void {
  world.out.result("");
  for (const line of nextLines(report)) world.out.result(line);
}

/** Pure. What can be proven without a message to somebody. */
function quickChecks(report: SetupReport): readonly Check[] {
  return report.status !== "invalid" && canProve(report) ? ["verify"] : [];
}

function canProve({ outcome, verifyTo }: SetupReport): boolean {
  return outcome === "local-chat" || outcome === "hooks" || verifyTo !== undefined;
}

/** Esc or Ctrl-C here: everything is written already, the rest is left out. */
async function askChecks(report: SetupReport, world: CliWorld): Promise<readonly Check[]> {
  using asker = await openAsker(world);
  if (asker === undefined) return [];
  const wanted: Check[] = [];
  for (const { check, message, initial } of offers(report)) {
    const asked = await asker.confirm({ message, initial });
    if (asked.kind !== "answer") return asked.kind === "stop" ? [] : wanted;
    if (asked.value) wanted.push(check);
  }
  return wanted;
}

function offers(report: SetupReport) {
  return [
    { check: "status", message: "See whether a gateway runs?", initial: true },
    { check: "verify", message: `Prove now that it works (${report.outcome})?`, initial: canProve(report) },
    { check: "chat", message: "Chat with the assistant then?", initial: report.outcome === "local-chat" },
  ] as const satisfies readonly { check: Check; message: string; initial: boolean }[];
}

const here = { host: undefined, tls: false, trust: false } as const;

const run = {
  async status({ port }: SetupReport, world: CliWorld): Promise<unknown> {
    const { run: status } = await import("../../commands/status.ts");
    return await status({ options: { json: false, ...here, port }, args: {}, world });
  },
  async verify({ outcome, verifyTo }: SetupReport, world: CliWorld) {
    const [{ runVerify }, { untilSignal }] = await Promise.all([
      import("../../verify/run-verify.ts"),
      import("../../until-signal.ts"),
    ]);
    using stop = untilSignal();
    world.out.result("");
    const to = verifyTo === undefined ? {} : { [outcome]: verifyTo };
    return await runVerify({ world, outcome, to, print: "text", signal: stop.signal });
  },
  async chat({ port }: SetupReport, world: CliWorld): Promise<unknown> {
    const { run: chat } = await import("../../commands/chat.ts");
    // The questions have left it paused.
    process.stdin.resume();
    const options = { ...here, allowPlaintext: false, message: undefined, new: false, port };
    return await chat({ options, args: {}, world });
  },
};
