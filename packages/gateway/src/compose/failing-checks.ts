import type { FailingCheck } from "../http/health.ts";
import type { Opening } from "./opening.ts";

/** What keeps the gateway from its work (http.md §6); nothing means that it is ready. */
export async function failingChecks(
  opening: Pick<Opening, "isOpen" | "channelCounts" | "reached">,
  isWritable: () => Promise<boolean>,
): Promise<readonly FailingCheck[]> {
  const { inError = [] } = opening.channelCounts();
  const found: FailingCheck[] = inError.map((id) => ({
    name: "channel",
    say: `the channel ${id} is in error; its last error stands in /control/channels`,
  }));
  const { isReachable = true, say = "" } = opening.reached() ?? {};
  if (!isReachable) found.push({ name: "provider", say: `no language model could be used just now: ${say}` });
  if (!opening.isOpen()) found.push({ name: "start", say: "the gateway is still being opened" });
  if (!(await isWritable())) {
    found.push({ name: "storage", say: "the state directory takes no file; see its disk and permissions" });
  }
  return found;
}
