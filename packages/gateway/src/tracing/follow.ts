import type { ConfigStore } from "@carapace/config";
import type { Log } from "../log/log.ts";
import type { GatewayFacts } from "../methods/services.ts";
import type { RunFeed, RunNews } from "../runs/feed.ts";
import type { World } from "../types.ts";
import { endsWithin } from "../wait.ts";
import type { Exporter } from "./exporter.ts";

export interface TracingDeps {
  readonly feed: RunFeed;
  readonly config: Pick<ConfigStore, "current">;
  readonly facts: Pick<GatewayFacts, "version">;
  readonly world: Pick<World, "nowMs">;
  readonly log: Log;
}

/** What is still to be sent when the gateway stops gets so long. */
const farewellMs = 2000;

/** Traces turns while `telemetry.traces` is enabled; what it takes is loaded with the first turn that is traced. */
export function followTracing(deps: TracingDeps): AsyncDisposable {
  const traces = () => deps.config.current().config.telemetry.traces;
  let loading: Promise<Tracer> | undefined;
  const following = deps.feed.followAll((news) => {
    if (!traces().enabled) return;
    loading ??= loadTracer(deps);
    // In order: the tracer is loaded once, and what follows waits for it in the same way.
    void loading.then((tracer) => tracer.hear(news));
  });
  return {
    async [Symbol.asyncDispose]() {
      following[Symbol.dispose]();
      const tracer = await loading;
      if (tracer !== undefined) await endsWithin(farewellMs, tracer.exporter.flush());
    },
  };
}

interface Tracer {
  readonly hear: (news: RunNews) => void;
  readonly exporter: Exporter;
}

async function loadTracer({ config, facts, world, log }: TracingDeps): Promise<Tracer> {
  const [{ createSpans }, { createExporter }, { encodeSpans }, { guardedFetch }] = await Promise.all([
    import("./spans.ts"),
    import("./exporter.ts"),
    import("./otlp.ts"),
    import("@carapace/fetch"),
  ]);
  const traces = () => config.current().config.telemetry.traces;
  const exporter = createExporter({
    log,
    async send(spans, signal) {
      const { endpoint, authorization, serviceName } = traces();
      const answer = await guardedFetch(endpoint, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(authorization === undefined ? {} : { authorization: authorization.reveal() }),
        },
        body: encodeSpans(spans, { serviceName, version: facts.version }),
        schemes: ["http", "https"],
        // The owner's own collector, usually on this machine.
        allowPrivate: true,
        signal,
      });
      if (!answer.ok) throw new Error(answer.say);
      return answer.value;
    },
  });
  const hear = createSpans({
    nowMs: world.nowMs,
    sampleRatio: () => traces().sampleRatio,
    onSpan: (span) => exporter.add(span),
  });
  return { hear, exporter };
}
