import { type ChannelRegistry, createOutbox, type Outbox } from "@carapace/channels";
import { ok, type Result } from "@carapace/protocol";
import type { State } from "@carapace/state";
import { type ChannelsDeps, openChannels } from "./channels.ts";
import { createReplies, type Replies } from "./replies.ts";

export interface OutboxParts {
  readonly channels: ChannelRegistry;
  readonly outbox: Outbox;
  readonly replies: Replies;
}

/** Channels and outbox: what an earlier process left is taken up, and the channels begin to connect. */
export async function openOutbox(
  deps: ChannelsDeps & { readonly state: Pick<State, "outbox" | "runs" | "sessions"> },
  opened: AsyncDisposableStack,
): Promise<Result<OutboxParts>> {
  const registry = await openChannels(deps);
  if (!registry.ok) return registry;
  const channels = registry.value;
  const { nowMs, newId } = deps.world;
  const log = deps.log.target("outbox");
  const outbox = opened.use(
    createOutbox({
      repository: deps.state.outbox,
      registry: channels,
      nowMs,
      monotonicMs: () => performance.now(),
      newId,
      random: Math.random,
      log,
    }),
  );
  const { runs, sessions } = deps.state;
  const mayHear = async (runId: string) => {
    const judge = await import("../hooks/reply-for-caller.ts");
    const run = await runs.find(runId);
    return run !== undefined && (await judge.mayHear(run, sessions));
  };
  await outbox.start();
  opened.defer(() => channels.stop());
  // Nobody who waits for the start waits for a channel to connect.
  void channels.start();
  return ok({ channels, outbox, replies: createReplies({ outbox, channels, mayHear, newId, log }) });
}
