import type { Asked, Asker, LineAsk } from "../../../prompt/asker.ts";
import { orBlank } from "./rules.ts";

export interface OptionalLineAsk extends Omit<LineAsk, "check"> {
  /** What it means to leave it out. */
  readonly without: string;
  readonly check: NonNullable<LineAsk["check"]>;
}

const nothing = "none";

/** A line that may be left out: by Enter alone, or by `none` where Enter takes what stands there. */
export async function optionalLine(asker: Asker, ask: OptionalLineAsk): Promise<Asked<string>> {
  const { message, without, initial = "", check, ...rest } = ask;
  const how = initial === "" ? "Enter alone" : nothing;
  const asked = await asker.line({
    ...rest,
    initial,
    message: `${message} (${how}: ${without})`,
    check: (text) => (text === nothing ? undefined : orBlank(check)(text)),
  });
  return asked.kind === "answer" && asked.value === nothing ? { kind: "answer", value: "" } : asked;
}
