import { z } from "zod";
import { count, flag, key, secret, section, textOr } from "./kit.ts";

/** `gateway.metrics` (http.md §7). */
export const metrics = section(
  { public: flag(false, "Let other machines read /metrics without the gateway's credential.") },
  "Figures for monitoring, at /metrics.",
  { effect: "live" },
);

/** `gateway.resources` (http.md §15.3). */
export const resources = section(
  {
    minDiskFreeMiB: count(
      100,
      "Free disk space below which the gateway says so and takes no new files, in MiB.",
    ),
    maxMemoryMiB: count(1024, "Memory above which the gateway says so, in MiB."),
  },
  "Limits that are warned of.",
  { effect: "live" },
);

/** `telemetry`: traces of turns, sent to a collector of the owner's. */
export const telemetry = section(
  {
    traces: section(
      {
        enabled: flag(false, "Send a trace of each turn: times and figures, never what was said."),
        endpoint: textOr(
          "http://127.0.0.1:4318/v1/traces",
          "Where an OpenTelemetry collector takes traces over HTTP.",
          { guarded: true },
        ),
        authorization: secret("Value of the Authorization header the collector asks for."),
        serviceName: textOr("carapace", "The name of this gateway in traces."),
        sampleRatio: key(z.number().min(0).max(1).default(1), "The share of turns that is traced.", {
          expected: "a number from 0 to 1",
        }),
      },
      "Traces of turns, by OpenTelemetry.",
    ),
  },
  "What other programs are told of the gateway's work.",
  { effect: "live" },
);
