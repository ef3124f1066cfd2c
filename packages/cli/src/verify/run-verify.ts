import { defaultPort } from "@carapace/config/default-port";
import { resolveTarget } from "../link/resolve-target.ts";
import { readTarget } from "../link/target.ts";
import type { CliWorld } from "../world.ts";
import { chooseOutcome } from "./auto.ts";
import { type Check, fail, isProven } from "./check.ts";
import { readConfiguration, readEnvironment } from "./configuration.ts";
import { checksOf } from "./outcomes.ts";
import { cleaned, jsonPrinter, type Printer, silent, textPrinter } from "./print.ts";
import { openSign } from "./sign-of-life.ts";
import type { Checks, ProvenOutcome, Subject, VerifyAsk, VerifyOutcome, VerifyReport } from "./types.ts";

/**
 * Proves an outcome, check by check (cli.md §3.12). Reads the configuration anew; uses the gateway of this machine, or
 * starts one in this process if none runs, and closes what it opened. Whatever is wrong is a check that failed; never
 * throws for it.
 */
export async function runVerify(ask: VerifyAsk): Promise<VerifyReport> {
  const world = ask.print === "nothing" ? muted(ask.world) : ask.world;
  using sign = openSign(world);
  return await verify({ ...ask, world: sign.world }, sign.around(printerOf(ask)));
}

function muted(world: CliWorld): CliWorld {
  return { ...world, out: { ...world.out, note() {} } };
}

function printerOf({ print = "text", world }: VerifyAsk): Printer {
  if (print === "nothing") return silent;
  return print === "json" ? jsonPrinter(world) : textPrinter(world);
}

async function verify(ask: VerifyAsk, printer: Printer): Promise<VerifyReport> {
  const wanted = ask.outcome ?? "auto";
  const found = await find(ask, wanted);
  if ("failed" in found) {
    const { failed, ...place } = found;
    const run = { outcome: wanted, ...place };
    return await collect(only(failed), { run, ask, printer });
  }
  const outcome = wanted === "auto" ? chosen(found.subject) : wanted;
  const run = { outcome, port: found.port, target: found.target, isOurs: false };
  const onGateway: Subject["onGateway"] = (address, isOurs) => {
    run.target = address;
    run.port = Number(address.split(":").at(-1));
    run.isOurs = isOurs;
  };
  const checks = await checksOf(outcome, { ...found.subject, onGateway });
  return await collect(checks, { run, ask, printer });
}

function chosen({ place, snapshot }: Pick<Subject, "place" | "snapshot">): ProvenOutcome {
  return place.kind === "here" ? chooseOutcome(snapshot) : "local-chat";
}

async function* only(check: Check): Checks {
  yield check;
}

type Found = { readonly port: number; readonly target: string } & (
  | { readonly subject: Omit<Subject, "onGateway"> }
  | { readonly failed: Check }
);

/** Everything the checks need, or the check that says why it is not to be had. */
async function find(ask: VerifyAsk, wanted: VerifyOutcome): Promise<Found> {
  const { world, remote, port, to = {}, signal = new AbortController().signal } = ask;
  const read = remote === undefined ? await readConfiguration(world, wanted) : undefined;
  if (read?.ok === false) return { ...addressOf(port ?? defaultPort), failed: read.check };
  const snapshot = read?.snapshot ?? (await readEnvironment(world));
  world.out.hide(snapshot.secrets);
  const flags = { host: undefined, tls: false, trust: false, ...remote, port };
  const resolved = await resolveTarget(flags, world);
  if (!resolved.ok)
    return {
      ...addressOf(port ?? defaultPort),
      failed: fail(
        "Gateway reachability",
        resolved.say,
        resolved.code === "conflict" ? "end that program, or choose another port" : "correct --host",
      ),
    };
  const { settings, target, port: chosenPort } = resolved.value;
  if (read !== undefined && !snapshot.exists)
    world.out.note("There is no configuration file: the defaults are verified. cara setup writes one.");
  const place =
    remote === undefined
      ? ({ kind: "here", port: chosenPort } as const)
      : ({ kind: "elsewhere", target } as const);
  const allowPlaintext = remote?.allowPlaintext ?? false;
  const subject = { world, settings, snapshot, place, allowPlaintext, to, signal };
  return { port: chosenPort, target: target.address, subject };
}

function addressOf(port: number): { port: number; target: string } {
  const target = readTarget({ port, host: undefined, tls: false, trust: false });
  return { port, target: target.ok ? target.value.address : "" };
}

interface Collecting {
  readonly run: Pick<VerifyReport, "outcome" | "port" | "target"> & { readonly isOurs?: boolean };
  readonly ask: VerifyAsk;
  readonly printer: Printer;
}

async function collect(checks: Checks, { run, ask, printer }: Collecting): Promise<VerifyReport> {
  const told: Check[] = [];
  printer.begin({ ...run, isRemote: ask.remote !== undefined });
  const wasStopped = await stoppable(ask.signal, async () => {
    ask.signal?.throwIfAborted();
    for await (const check of checks) {
      const shown = cleaned(run.isOurs === true ? withoutLog(check) : check, ask.world);
      told.push(shown);
      printer.check(shown);
    }
  });
  const { isOurs: _, ...place } = run;
  const report = { ...place, checks: told, ok: !wasStopped && isProven(told), wasStopped };
  printer.end(report);
  return report;
}

/** Pure. What a gateway of this run logged is gone with it: whoever is sent to its log needs one that stays. */
function withoutLog(check: Check): Check {
  const { detail, nextStep = "" } = check;
  if (!`${detail}${nextStep}`.includes("cara logs")) return check;
  const stay = "for a log, run cara start in another terminal and cara verify again";
  return { ...check, nextStep: nextStep === "" ? stay : `${nextStep}; ${stay}` };
}

/** @returns whether the signal ended the work, which has cleaned up by then */
async function stoppable(signal: AbortSignal | undefined, work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return signal?.aborted === true;
  } catch (error) {
    if (signal?.aborted === true) return true;
    throw error;
  }
}
