import { defaultPort } from "@carapace/config/default-port";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { remoteOptions } from "../command/options.ts";
import { resolveTarget } from "../link/resolve-target.ts";

export const definition = {
  name: "chat",
  summary: "Talk to the assistant",
  details: [
    "Uses the gateway that runs on this machine, or starts one inside its own process until you leave. Only the reply\n" +
      "goes to stdout. Piped input is one message a line.",
  ],
  options: {
    message: {
      kind: "text",
      short: "m",
      value: "text",
      help: "Send this one message, print the reply, leave",
    },
    new: { kind: "flag", help: "Begin a fresh session instead of continuing cli-chat" },
    ...remoteOptions,
    port: {
      kind: "whole",
      short: "p",
      value: "port",
      min: 0,
      max: 65535,
      help: `Port of the gateway (default: gateway.port, else ${defaultPort}); 0 starts one here on a free port`,
    },
  },
  examples: [
    { command: "cara chat", says: "go on where you left" },
    { command: 'cara chat --message "what is 6*7?"', says: "one question, one answer" },
    { command: "printf 'what is 6*7?\\n' | cara chat --new", says: "in a script" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.6. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  if (options.message !== undefined && options.message.trim() === "") {
    return world.out.fail("--message is empty: there is nothing to send");
  }
  const resolved = await resolveTarget(options, world);
  if (!resolved.ok) return world.out.fail(resolved.say);
  const { settings, target, port } = resolved.value;
  const isHere = target.isLoopback && !options.tls && options.host === undefined;
  const { runChat } = await import("../chat/chat.ts");
  return await runChat({
    link: {
      settings,
      world,
      port,
      remote: isHere ? undefined : target,
      allowPlaintext: options.allowPlaintext,
    },
    message: options.message,
    isNew: options.new,
  });
}
