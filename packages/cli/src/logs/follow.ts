import type { GatewayConnection } from "@carapace/client";
import type { Refusal, Result } from "@carapace/protocol";
import type { ExitCode } from "../command/definition.ts";
import { type LogFilter, printSince, printTail, type Seen, type Tailing } from "./tail.ts";

const pollMs = 500;
/** How long to hold back before each try to connect again; the last for all further ones. */
const retryMs = [250, 500, 1000, 2000] as const;

export interface Following extends Omit<Tailing, "connection"> {
  readonly filter: LogFilter;
  readonly connect: () => Promise<Result<GatewayConnection>>;
}

/**
 * Prints new records until the reader or the owner ends it. A gateway that goes away is waited for, as it may only be
 * restarting; one that comes back and refuses ends it.
 * @param connection the first connection; closed here
 */
export async function follow(
  connection: GatewayConnection,
  from: Seen,
  following: Following,
): Promise<ExitCode> {
  let isOver = false;
  following.out.whenBroken(() => (isOver = true));
  let open = connection;
  let seen = from;
  while (!isOver) {
    const lost = await poll({ ...following, connection: open }, following.filter, {
      seen,
      isOver: () => isOver,
    });
    await open[Symbol.asyncDispose]();
    seen = lost.seen;
    if (lost.refusal === undefined) break;
    if (!isPassing(lost.refusal)) return following.out.fail(lost.refusal.say);
    following.out.note("The connection to the gateway was lost. Waiting until it is back; Ctrl-C ends it.");
    const again = await connectAgain(following, seen);
    if (!again.ok) return following.out.fail(again.say);
    ({ connection: open, seen } = again.value);
  }
  return 0;
}

interface Polling {
  readonly seen: Seen;
  readonly isOver: () => boolean;
}

interface Lost {
  readonly seen: Seen;
  /** Missing if the reader went away. */
  readonly refusal?: Refusal;
}

/** Until the connection is lost, a call is refused or the reader went away. */
async function poll(tailing: Tailing, filter: LogFilter, { seen, isOver }: Polling): Promise<Lost> {
  let read = seen;
  while (!isOver()) {
    // On a lost connection the next call says so at once.
    await Promise.race([Bun.sleep(pollMs), tailing.connection.closed]);
    const answer = await printTail(tailing, filter, read);
    if (!answer.ok) return { seen: read, refusal: answer };
    read = answer.value;
  }
  return { seen: read };
}

interface Again {
  readonly connection: GatewayConnection;
  readonly seen: Seen;
}

/** Tries until a gateway answers. @returns the connection with everything new printed, or what was refused */
async function connectAgain(following: Following, from: Seen): Promise<Result<Again>> {
  for (let tries = 0; ; tries += 1) {
    await Bun.sleep(retryMs[Math.min(tries, retryMs.length - 1)] ?? 0);
    const opened = await following.connect();
    if (!opened.ok) {
      if (isPassing(opened)) continue;
      return opened;
    }
    const connection = opened.value;
    const seen = await printSince({ ...following, connection }, following.filter, from);
    if (seen.ok) return { ok: true, value: { connection, seen: seen.value } };
    await connection[Symbol.asyncDispose]();
    if (!isPassing(seen)) return seen;
  }
}

/** Whether the same call may succeed later, without anybody changing anything here. */
function isPassing({ code }: Refusal): boolean {
  return code === "unavailable" || code === "rate_limited";
}
