import { version } from "@carapace/protocol/version";
import type { Check } from "../finding.ts";

/** What runs here, for whoever reads the report. */
export const checkVersions: Check = async ({ platform }) => [
  {
    check: "versions",
    status: "ok",
    say: `cara ${version}, Bun ${Bun.version}, ${platform} (${process.arch})`,
  },
];
