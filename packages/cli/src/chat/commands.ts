/** What a typed line asks for (cli.md §3.6): a command of the chat, a message, or nothing. */
export type ChatLine =
  | { readonly kind: "blank" }
  | { readonly kind: "help" }
  | { readonly kind: "new" }
  | { readonly kind: "exit" }
  | { readonly kind: "message"; readonly text: string };

/** Pure. Any other word with a slash is a message. */
export function readChatLine(line: string): ChatLine {
  const text = line.trim();
  switch (text) {
    case "":
      return { kind: "blank" };
    case "/help":
      return { kind: "help" };
    case "/new":
      return { kind: "new" };
    case "/exit":
    case "/quit":
      return { kind: "exit" };
    default:
      return { kind: "message", text };
  }
}

export const chatHelp = `/new          start a fresh session
/exit, /quit  leave (so does Ctrl-D)
/help         show this
Ctrl-C        stop the reply; at the prompt, put the line aside (Up brings it back)
Up, Down      earlier messages
Anything else is sent to the assistant. What you type during a reply is kept for the next prompt.`;
