import type { GatewayConnection } from "@carapace/client";
import type { Result } from "@carapace/protocol";
import { openConnection } from "../link/connection.ts";
import { type ReachedGateway, reachGateway } from "../link/embedded.ts";
import type { Settings } from "../link/settings.ts";
import type { Target } from "../link/target.ts";
import type { CliWorld } from "../world.ts";

/** The chat's line to its gateway, which can be opened again when it was lost. */
export interface ChatLink extends AsyncDisposable {
  connection(): GatewayConnection;
  /** After a loss: finds a gateway again, or starts one here. */
  reopen(): Promise<Result<undefined>>;
  target(): Target;
}

export interface LinkAsk {
  readonly settings: Settings;
  readonly world: CliWorld;
  readonly port: number;
  /** Set for a gateway on another machine, which is never started from here. */
  readonly remote: Target | undefined;
  readonly allowPlaintext: boolean;
}

/** What is open at a time; closed in the order connection, gateway. */
interface Line extends AsyncDisposable {
  readonly target: Target;
  readonly connection: GatewayConnection;
}

export async function openChatLink(ask: LinkAsk): Promise<Result<ChatLink>> {
  const first = await openLine(ask);
  if (!first.ok) return first;
  let line = first.value;
  return {
    ok: true,
    value: {
      connection: () => line.connection,
      target: () => line.target,
      async reopen() {
        await line[Symbol.asyncDispose]();
        const next = await openLine(ask);
        if (!next.ok) return next;
        line = next.value;
        return { ok: true, value: undefined };
      },
      [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
    },
  };
}

async function openLine(ask: LinkAsk): Promise<Result<Line>> {
  await using opened = new AsyncDisposableStack();
  const gateway = await reach(ask);
  if (!gateway.ok) return gateway;
  opened.use(gateway.value);
  const { settings, allowPlaintext, world } = ask;
  const { target } = gateway.value;
  const note = world.out.note;
  const connection = await openConnection({
    target,
    scopes: ["operator.write"],
    settings,
    allowPlaintext,
    note,
  });
  if (!connection.ok) return connection;
  opened.use(connection.value);
  const held = opened.move();
  return {
    ok: true,
    value: { target, connection: connection.value, [Symbol.asyncDispose]: () => held.disposeAsync() },
  };
}

async function reach(ask: LinkAsk): Promise<Result<ReachedGateway>> {
  if (ask.remote === undefined) return reachGateway(ask);
  return { ok: true, value: { target: ask.remote, isOurs: false, [Symbol.asyncDispose]: async () => {} } };
}
