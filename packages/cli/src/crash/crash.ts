import { version } from "@carapace/protocol/version";
import type { Output } from "../output/output.ts";
import { crashReport } from "./report.ts";

/**
 * Ends the process with 1 and a short report when something fails that nobody waits for: the runtime's own report would
 * print lines of source and whatever the fault carries. What was stored is safe: the next start takes it up.
 */
export function reportCrashes(out: Pick<Output, "note" | "withoutSecrets">): void {
  const end = (fault: unknown): void => {
    try {
      const { platform, arch } = process;
      out.note(
        crashReport(fault, { version, platform, arch, runtime: Bun.version, clean: out.withoutSecrets }),
      );
    } finally {
      process.exit(1);
    }
  };
  process.on("uncaughtException", end);
  process.on("unhandledRejection", end);
}
