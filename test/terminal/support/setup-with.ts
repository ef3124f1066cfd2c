/** `cara setup` whose sign-ins lead to a server of this machine: its addresses are the only argument, as JSON. */
import type { OAuthEndpoints } from "@carapace/accounts";
import { guarded } from "../../../packages/cli/src/closed-state/guard.ts";
import { ownPlace } from "../../../packages/cli/src/closed-state/place.ts";
import { createOutput } from "../../../packages/cli/src/output/output.ts";
import { askOwner } from "../../../packages/cli/src/setup/ask.ts";

const endpoints: OAuthEndpoints = JSON.parse(process.argv[2] ?? "{}");
const port = Number(process.argv[3]);
const out = createOutput({ stdout: 1, stderr: 2 });
const world = { env: process.env, out, nowMs: Date.now, newId: () => crypto.randomUUID() };
const place = await ownPlace(world);
const guard = await guarded(place);
if (!guard.ok) process.exit(out.fail(guard.say));
process.exit(
  await askOwner(
    {
      wishes: { force: false, merge: false, port },
      world,
      place,
      present: { kind: "none" },
      guard: guard.value,
    },
    { endpoints: { openai: endpoints, google: endpoints }, openPage: async () => false },
  ),
);
