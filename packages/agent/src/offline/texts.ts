/** What the built-in assistant says about itself. */

export const addModelText = [
  "To talk to a language model, run this in a terminal on the gateway's machine:",
  "",
  "  cara setup",
  "",
  "It looks for keys and programs you already have, checks what you choose, and proves that it answers.",
  "",
  "Notes and conversations stay as they are.",
].join("\n");

export const helpText = [
  "I am the built-in assistant of Carapace. I am not a language model, but these I understand:",
  '- the time: "what time is it in Tokyo?"',
  '- arithmetic: "what is 17% of 230?"',
  '- notes: "remember that my dog is called Rex", "what is my dog called?", "what do you remember?", "forget my dog"',
  '- earlier conversations: "search my sessions for lisbon"',
  '- how the program does: "status"',
  '- a real language model: "how do I add a model?"',
].join("\n");

export const whoText =
  "I am the built-in assistant of Carapace, model offline:basic: a small program with fixed rules, not a language model. " +
  "I work without a network and without a key, and I use the same tools as a model would. " +
  'Ask "how do I add a model?" to talk to a language model instead, or "help" for what I can do.';

export const greetingText =
  'Hello. I am the built-in assistant of Carapace. I am not a language model, but I can help a little: try "help".';

export const thanksText = "You are welcome.";

export const byeText = "Goodbye. Our conversation is kept; you can go on with it at any time.";

export const unknownText = [
  "I did not understand that: I am not a language model, only the small built-in assistant of Carapace.",
  'I can tell the time, calculate, keep notes, search our conversations and show the status: say "help" for examples.',
  'To get answers to everything else, add a language model: say "how do I add a model?"',
].join("\n");
